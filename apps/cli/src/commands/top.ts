import type { ClusterStatus, Node, Resource, ResourceList } from '../api/master-api.js';
import type { Client } from './client.js';
import type { Colours } from '../output/colours.js';
import { footText } from '../output/connection.js';
import { type Area, liveView } from '../output/live-view.js';
import { countsText, rate, stateText } from '../output/states.js';
import { cell, type Column, tableOf } from '../output/table.js';
import { age } from '../output/times.js';
import { Watch } from './watch.js';

/** As many tasks as a large terminal shows. */
const MAX_TASKS = 100;
/** Where nobody watches. */
const PAPER: Area = { columns: 160, rows: MAX_TASKS };

interface Cluster {
  readonly status: ClusterStatus;
  readonly tasks: ResourceList;
}

/**
 * The cluster as it lives: who leads, what the workers do, and which tasks are busiest. Where it is not a terminal that
 * asks for a table, one picture of it.
 */
export async function top(client: Client): Promise<void> {
  const { api, output, streams } = client;
  const watch = new Watch<Cluster>({
    status: (signal) => api.watchCluster(signal),
    tasks: (signal) => api.watchList({ page_size: MAX_TASKS, status: true, sort: '-rate' }, signal),
  });
  if (output.format !== 'table' || streams.stdout.isTTY !== true) {
    const cluster = await watch.whole();
    const { resources, total } = cluster.tasks;
    return output.show({ ...cluster.status, resources, total }, (colours) =>
      picture(cluster, PAPER, colours).trimEnd(),
    );
  }
  await liveView(streams, {
    picture: (area) => {
      const { status, tasks } = watch.newest;
      return status && tasks && picture({ status, tasks }, area, output.colours);
    },
    foot: () => footText(watch.lost, output.colours),
    run: (changed, signal) => watch.run(changed, signal),
  });
}

function picture({ status, tasks }: Cluster, { columns, rows }: Area, colours: Colours): string {
  const { nodes } = status;
  const head = [
    leaderLine(status, colours),
    loadLine(status, tasks, colours),
    ...etcdLine(status, colours),
    '',
  ];
  const width = { width: columns, colours };
  // Workers take half of what is left at most.
  const room = Math.max(2, rows - head.length - 4);
  const workers = nodes.slice(0, Math.max(1, room - Math.min(tasks.resources.length, Math.ceil(room / 2))));
  const more = nodes.length - workers.length;
  return [
    ...head,
    nodes.length === 0
      ? colours.yellow('No worker is registered: tasks wait.\n')
      : tableOf(workerColumns(colours), workers, width) +
        (more > 0 ? colours.dim(`… and ${count(more, 'worker')} more\n`) : ''),
    tasks.resources.length === 0
      ? 'There are no tasks. Add one with: orbweaver add FILE'
      : tableOf(taskColumns(colours), tasks.resources.slice(0, rows), width),
  ].join('\n');
}

function leaderLine({ masters, leader }: ClusterStatus, colours: Colours): string {
  const leads =
    leader === undefined || leader.value === ''
      ? colours.red('nobody leads')
      : `${leader.value} leads, term ${leader.term}, since ${age(leader.since)}`;
  return `${count(masters.length, 'master')}: ${leads}`;
}

function loadLine({ nodes, counts }: ClusterStatus, { total }: ResourceList, colours: Colours): string {
  const perSecond = nodes.reduce((sum, { pagesPerSecond }) => sum + pagesPerSecond, 0);
  const states = countsText(counts, colours);
  return `${count(nodes.length, 'worker')}, ${count(total, 'task')}${states === '' ? '' : ` (${states})`}, ${rate(perSecond)}`;
}

function etcdLine({ etcd }: ClusterStatus, colours: Colours): string[] {
  if (etcd === undefined || (etcd.ok && etcd.alarms.length === 0)) return [];
  return [
    colours.red(`etcd: ${[cell(etcd.reason, 200), ...etcd.alarms].filter((text) => text !== '').join(', ')}`),
  ];
}

const workerColumns = (colours: Colours): Column<Node>[] => [
  { head: 'WORKER', of: ({ id }) => cell(id, 50) },
  { head: 'STATE', of: ({ state, draining }) => stateText(draining ? 'draining' : state, colours) },
  { head: 'TASKS', of: ({ load }) => String(load) },
  { head: 'RUNNING', of: ({ running }) => String(running), spare: 1 },
  { head: 'PAGES', of: ({ pages }) => pages, spare: 2 },
  { head: 'RATE', of: ({ pagesPerSecond }) => rate(pagesPerSecond) },
];

const taskColumns = (colours: Colours): Column<Resource>[] => [
  { head: 'TASK', of: ({ name }) => cell(name, 40) },
  {
    head: 'STATE',
    of: ({ nodeId, task }) =>
      nodeId === '' ? colours.yellow('unassigned') : stateText(task?.state ?? '', colours),
  },
  { head: 'PAGES', of: ({ task }) => task?.pagesDone ?? '' },
  { head: 'QUEUED', of: ({ task }) => task?.pagesQueued ?? '', spare: 2 },
  { head: 'FAILED', of: ({ task }) => task?.pagesFailed ?? '', spare: 1 },
  { head: 'ITEMS', of: ({ task }) => task?.items ?? '', spare: 3 },
  { head: 'RATE', of: ({ task }) => rate(task?.pagesPerSecond ?? 0) },
  { head: 'WHY', of: ({ task }) => cell(task?.reason ?? '', 200), spare: 4, enough: 12 },
];

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

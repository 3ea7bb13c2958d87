import type { Client } from './client.js';
import { type Area, liveView } from '../output/live-view.js';
import { rate, stateText } from '../output/states.js';
import { cell, renderTable } from '../output/table.js';
import { age } from '../output/times.js';

const EVERY_MS = 2_000;
/** More than any terminal shows. */
const MAX_TASKS = 200;

/** The cluster as it lives: who leads, what the workers do, and which tasks are busiest. As JSON or YAML once. */
export async function top(client: Client): Promise<void> {
  if (client.output.format !== 'table') return client.output.show(await look(client), () => '');
  await liveView(client.streams.stdout, EVERY_MS, (area) => picture(client, area));
}

async function look({ api }: Client) {
  const [{ masters, leader }, { nodes }, { resources, total }] = await Promise.all([
    api.masters(),
    api.nodes(),
    api.list({ page_size: MAX_TASKS, status: true, sort: '-rate' }),
  ]);
  return { masters, leader, nodes, resources, total };
}

async function picture(client: Client, { columns, rows }: Area): Promise<string> {
  const { colours } = client.output;
  const { masters, leader, nodes, resources, total } = await look(client);
  const leads =
    leader === undefined || leader.value === ''
      ? colours.red('nobody leads')
      : `${leader.value} leads, term ${leader.term}, since ${age(leader.since)}`;
  const perSecond = nodes.reduce((sum, { pagesPerSecond }) => sum + (pagesPerSecond ?? 0), 0);
  const workers = renderTable(
    ['WORKER', 'STATE', 'TASKS', 'RUNNING', 'PAGES'],
    nodes.map(({ id, state, draining, load, running, pages }) => [
      cell(id, 50),
      draining ? colours.yellow('draining') : stateText(state, colours),
      String(load),
      String(running),
      pages,
    ]),
    colours,
  );
  const room = Math.max(3, rows - nodes.length - 9);
  const busiest = resources.slice(0, room);
  const tasks = renderTable(
    ['TASK', 'STATE', 'PAGES', 'QUEUED', 'FAILED', 'ITEMS', 'RATE', 'WHY'],
    busiest.map(({ name, nodeId, task }) => [
      cell(name, 40),
      nodeId === '' ? colours.yellow('unassigned') : stateText(task?.state ?? '', colours),
      task?.pagesDone ?? '',
      task?.pagesQueued ?? '',
      task?.pagesFailed ?? '',
      task?.items ?? '',
      rate(task?.pagesPerSecond ?? 0),
      cell(task?.reason ?? '', Math.max(10, columns - 90)),
    ]),
    colours,
  );
  return [
    `${count(masters.length, 'master')}: ${leads}`,
    `${count(nodes.length, 'worker')}, ${count(total, 'task')}, ${rate(perSecond)}`,
    '',
    nodes.length === 0 ? colours.yellow('No worker is registered: tasks wait.\n') : workers,
    resources.length === 0 ? 'There are no tasks. Add one with: orbweaver add FILE' : tasks,
  ].join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

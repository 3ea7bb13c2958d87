import type { Resource } from '../api/master-api.js';
import type { Client } from './client.js';
import { type Area, liveView } from '../output/live-view.js';
import { rate, stateText } from '../output/states.js';
import { cell, renderTable } from '../output/table.js';
import { age } from '../output/times.js';

const EVERY_MS = 2_000;
/** Of the API: so many tasks are looked at to find the busiest. */
const MAX_TASKS = 1_000;

/** The cluster as it lives: who leads, what the workers do, and which tasks are busiest. */
export async function top(client: Client): Promise<void> {
  await liveView(client.streams.stdout, EVERY_MS, (area) => picture(client, area));
}

async function picture({ api, output: { colours } }: Client, { columns, rows }: Area): Promise<string> {
  const [{ masters, leader }, { nodes }, { resources, total }] = await Promise.all([
    api.masters(),
    api.nodes(),
    api.list({ page_size: MAX_TASKS, status: true }),
  ]);
  const leads =
    leader === undefined || leader.value === ''
      ? colours.red('nobody leads')
      : `${leader.value} leads, term ${leader.term}, since ${age(leader.since)}`;
  const perSecond = resources.reduce((sum, { task }) => sum + (task?.pagesPerSecond ?? 0), 0);
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
  const busiest = [...resources].sort(byRate).slice(0, room);
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
  const looked = total > resources.length ? ` (the busiest of the first ${resources.length})` : '';
  return [
    `${count(masters.length, 'master')}: ${leads}`,
    `${count(nodes.length, 'worker')}, ${count(total, 'task')}, ${rate(perSecond)}${looked}`,
    '',
    nodes.length === 0 ? colours.yellow('No worker is registered: tasks wait.\n') : workers,
    resources.length === 0 ? 'There are no tasks. Add one with: orbweaver add FILE' : tasks,
  ].join('\n');
}

function byRate(a: Resource, b: Resource): number {
  return (
    (b.task?.pagesPerSecond ?? 0) - (a.task?.pagesPerSecond ?? 0) ||
    Number(b.task?.state === 'running') - Number(a.task?.state === 'running') ||
    (a.name < b.name ? -1 : 1)
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

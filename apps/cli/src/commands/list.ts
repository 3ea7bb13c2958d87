import { setTimeout as delay } from 'node:timers/promises';
import type { Resource } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import type { Colours } from '../output/colours.js';
import { liveView } from '../output/live-view.js';
import { rate, stateText } from '../output/states.js';
import { age } from '../output/times.js';
import { readPages, remarkMore } from './paging.js';

export interface ListTasksOptions extends ListOptions {
  node?: string;
  prefix?: string;
  query?: string;
  state?: string[];
  sort?: string;
  watch?: boolean;
}

const WATCH_EVERY_MS = 2_000;

export async function list(client: Client, options: ListTasksOptions): Promise<void> {
  if (options.watch === true && client.output.format !== 'table') return tellChanges(client, options);
  if (options.watch === true) {
    await liveView(client.streams.stdout, WATCH_EVERY_MS, async () => (await listed(client, options)).text);
    return;
  }
  const { text, shown, next, total } = await listed(client, options);
  client.streams.stdout.write(text);
  remarkMore(client, shown, next, total);
}

/** For a program: the list now, and each time that it is another. */
async function tellChanges(client: Client, options: ListTasksOptions): Promise<void> {
  let told = '';
  for (;;) {
    const { answer, text } = await listed(client, options);
    if (text !== told) await client.output.line(answer, () => '');
    told = text;
    await delay(WATCH_EVERY_MS);
  }
}

async function listed({ api, output }: Client, options: ListTasksOptions) {
  let total = 0;
  const { entries, next } = await readPages(options, async (query) => {
    const page = await api.list({
      ...query,
      status: true,
      node_id: options.node,
      prefix: options.prefix,
      query: options.query,
      states: options.state,
      sort: options.sort,
    });
    total = page.total;
    return { entries: page.resources, next: page.nextPageToken };
  });
  const answer = { resources: entries, nextPageToken: next, total };
  const text = await output.render(answer, (colours) => ({
    head: ['NAME', 'STATE', 'PAGES', 'QUEUED', 'FAILED', 'ITEMS', 'RATE', 'NODE', 'AGE'],
    rows: entries.map((resource) => row(resource, colours)),
    empty: 'There are no tasks. Add one with: orbweaver add FILE',
  }));
  return { answer, text, shown: entries.length, next, total };
}

function row({ name, nodeId, createdAt, task }: Resource, colours: Colours): string[] {
  const failed = task?.pagesFailed ?? '';
  return [
    name,
    nodeId === '' ? colours.yellow('unassigned') : stateText(task?.state ?? '', colours),
    task?.pagesDone ?? '',
    task?.pagesQueued ?? '',
    failed === '0' ? failed : colours.red(failed),
    task?.items ?? '',
    task?.state === 'running' ? rate(task.pagesPerSecond) : '',
    nodeId === '' ? colours.yellow('waits for a worker') : nodeId,
    age(createdAt),
  ];
}

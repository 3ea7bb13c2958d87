import { follow } from '../api/follow.js';
import type { ListQuery, Resource, ResourceList } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import { EXIT, Failure } from '../failure.js';
import type { Colours } from '../output/colours.js';
import { footText, remarked } from '../output/connection.js';
import { liveView } from '../output/live-view.js';
import { countsText, rate, stateText } from '../output/states.js';
import { type Column, tableOf } from '../output/table.js';
import { age } from '../output/times.js';
import { LARGEST_PAGE, readPages, remarkMore } from './paging.js';
import { Watch } from './watch.js';

export interface ListTasksOptions extends ListOptions {
  node?: string;
  prefix?: string;
  query?: string;
  state?: string[];
  sort?: string;
  watch?: boolean;
}

export async function list(client: Client, options: ListTasksOptions): Promise<void> {
  if (options.watch === true) return watchList(client, options);
  let last: ResourceList | undefined;
  const { entries, next } = await readPages(options, async (page) => {
    last = await client.api.list({ ...page, ...queryOf(options) });
    return { entries: last.resources, next: last.nextPageToken };
  });
  const answer = { ...last, resources: entries };
  await client.output.show(answer, (colours) => view(entries, Infinity, colours));
  remarkMore(client, entries.length, next, last?.total);
}

/** On a terminal in place; elsewhere the whole list again whenever it is another. */
async function watchList(client: Client, options: ListTasksOptions): Promise<void> {
  const { api, output, streams } = client;
  if (options.all === true || options.limit > LARGEST_PAGE) {
    throw new Failure(
      EXIT.usage,
      `At most ${LARGEST_PAGE} tasks can be watched: say which with --limit and --sort.`,
    );
  }
  const query = { page_size: options.limit, page_token: options.pageToken, ...queryOf(options) };
  const open = (signal: AbortSignal) => api.watchList(query, signal);
  if (output.format === 'table' && streams.stdout.isTTY === true) {
    const watch = new Watch<{ tasks: ResourceList }>({ tasks: open });
    return liveView(streams, {
      picture: ({ columns }) => {
        const { tasks } = watch.newest;
        return (
          tasks && `${summary(tasks, output.colours)}\n\n${view(tasks.resources, columns, output.colours)}`
        );
      },
      foot: () => footText(watch.lost, output.colours),
      run: (changed, signal) => watch.run(changed, signal),
    });
  }
  for await (const tasks of follow<ResourceList>({ open, told: remarked(output) })) {
    await output.line(tasks, (colours) => `${view(tasks.resources, Infinity, colours)}\n`);
  }
}

function queryOf({ node, prefix, query, state, sort }: ListTasksOptions): Omit<ListQuery, 'page_size'> {
  return { status: true, node_id: node, prefix, query, states: state, sort };
}

function summary({ total, resources, counts }: ResourceList, colours: Colours): string {
  const states = countsText(counts, colours);
  const shown = resources.length < total ? `, ${resources.length} of them here` : '';
  return `${total} ${total === 1 ? 'task' : 'tasks'}${states === '' ? '' : `: ${states}`}${shown}`;
}

function view(resources: readonly Resource[], width: number, colours: Colours): string {
  if (resources.length === 0) return 'There are no tasks. Add one with: orbweaver add FILE';
  return tableOf(columnsOf(colours), resources, { width, colours }).trimEnd();
}

const columnsOf = (colours: Colours): Column<Resource>[] => [
  { head: 'NAME', of: ({ name }) => name },
  {
    head: 'STATE',
    of: ({ nodeId, task }) =>
      nodeId === '' ? colours.yellow('unassigned') : stateText(task?.state ?? '', colours),
  },
  { head: 'PAGES', of: ({ task }) => task?.pagesDone ?? '' },
  { head: 'QUEUED', of: ({ task }) => task?.pagesQueued ?? '', spare: 3 },
  { head: 'FAILED', of: ({ task }) => failedText(task?.pagesFailed ?? '', colours), spare: 2 },
  { head: 'ITEMS', of: ({ task }) => task?.items ?? '', spare: 1 },
  { head: 'RATE', of: ({ task }) => (task?.state === 'running' ? rate(task.pagesPerSecond) : '') },
  {
    head: 'NODE',
    of: ({ nodeId }) => (nodeId === '' ? colours.yellow('waits for a worker') : nodeId),
    spare: 5,
  },
  { head: 'AGE', of: ({ createdAt }) => age(createdAt), spare: 4 },
];

function failedText(failed: string, colours: Colours): string {
  return failed === '0' ? failed : colours.red(failed);
}

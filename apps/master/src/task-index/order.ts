import { OrbweaverError } from '@app/errors';
import type { ClusterState } from '@app/resources';
import { Breath } from './breath.js';
import { sorted } from './sort.js';
import type { TaskIndex } from './task-index.js';
import type { TaskRow } from './task-row.js';

/** Which resources, and in which order. Empty texts and lists leave nothing out. */
export interface OrderQuery {
  readonly prefix: string;
  readonly nodeId: string;
  /** In the name. */
  readonly query: string;
  readonly states: readonly string[];
  readonly sort: string;
}

export interface Order {
  readonly names: readonly string[];
  /** Of those that match but for `states`, how many are in each. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Made in slices, so that what it tells of a resource may be as old as the work takes. */
export async function orderOf(
  state: Pick<ClusterState, 'places'>,
  index: Pick<TaskIndex, 'row'>,
  query: OrderQuery,
): Promise<Order> {
  const { key, isDown } = sortOf(query.sort);
  const breath = new Breath();
  const wanted = new Set(query.states.map((state) => (state === UNTOLD ? '' : state)));
  const counts = new Map<string, number>();
  const names: string[] = [];
  const keys: (number | string)[] = [];
  const add = ({ name, nodeId }: Place): void => {
    if (!name.includes(query.query)) return;
    const row = nodeId === '' ? NO_WORKER : index.row(nodeId, name);
    const task = stateOf(row);
    counts.set(task, (counts.get(task) ?? 0) + 1);
    if (wanted.size > 0 && !wanted.has(task)) return;
    names.push(name);
    if (key !== undefined) keys.push(key(task, nodeId, typeof row === 'object' ? row : undefined));
  };
  const { prefix, nodeId } = query;
  for (let after: string | undefined = ''; after !== undefined; await breath.take()) {
    after = addUntilDue(state.places({ prefix, after, ...(nodeId === '' ? {} : { nodeId }) }), add, breath);
  }
  if (key === undefined) return { names: isDown ? names.toReversed() : names, counts };
  const sign = isDown ? -1 : 1;
  const compare = (a: number, b: number): number => {
    const [x, y] = [keys[a]!, keys[b]!];
    return x < y ? -sign : x > y ? sign : 0;
  };
  return { names: Array.from(await sorted(names.length, compare, breath), (i) => names[i]!), counts };
}

/** Throws INVALID_ARGUMENT. */
export function checkStates(states: readonly string[]): void {
  const wrong = states.find((state) => !STATES.includes(state));
  if (wrong === undefined) return;
  const known = STATES.filter((state) => state !== '').join(', ');
  throw new OrbweaverError('INVALID_ARGUMENT', `states are of ${known}, not ${JSON.stringify(wrong)}`);
}

/** For the empty one, which does not survive a query. */
const UNTOLD = 'unknown';
const STATES = ['pending', 'running', 'paused', 'done', 'failed', UNTOLD, ''];

/** Throws INVALID_ARGUMENT. */
export function sortOf(text: string): { key: SortKey | undefined; isDown: boolean } {
  const isDown = text.startsWith('-');
  const name = isDown ? text.slice(1) : text;
  if (name === 'name' || text === '') return { key: undefined, isDown };
  const key = SORT_KEYS.get(name);
  if (key !== undefined) return { key, isDown };
  const known = ['name', ...SORT_KEYS.keys()].join(', ');
  throw new OrbweaverError('INVALID_ARGUMENT', `sort is one of ${known}, not ${JSON.stringify(text)}`);
}

/** Of equal ones those whose name is first come first, whichever way round. */
type SortKey = (state: string, nodeId: string, row: TaskRow | undefined) => number | string;

const SORT_KEYS = new Map<string, SortKey>([
  ['state', (state) => state],
  ['worker', (_, nodeId) => nodeId],
  ['done', (_, __, row) => row?.pagesDone ?? 0],
  ['queued', (_, __, row) => row?.pagesQueued ?? 0],
  ['failed', (_, __, row) => row?.pagesFailed ?? 0],
  ['items', (_, __, row) => row?.items ?? 0],
  ['rate', (_, __, row) => row?.pagesPerSecond ?? 0],
  ['error', (_, __, row) => row?.more?.lastError ?? ''],
]);

const NO_WORKER = 'unknown';

/** As `taskMessage` tells it; empty where its worker has not told. */
function stateOf(row: TaskRow | 'unknown' | undefined): string {
  if (row === undefined) return '';
  return row === 'unknown' ? 'pending' : row.state;
}

type Place = { readonly name: string; readonly nodeId: string };

/** Returns the name that it stopped after; undefined at the end. */
function addUntilDue(
  places: Iterable<Place>,
  add: (place: Place) => void,
  breath: Breath,
): string | undefined {
  let count = 0;
  for (const place of places) {
    add(place);
    if (++count % CHECK === 0 && breath.isDue) return place.name;
  }
  return undefined;
}

const CHECK = 256;

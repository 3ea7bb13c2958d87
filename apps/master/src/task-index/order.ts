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
  /** How much work it was. */
  readonly tookMs: number;
}

/** Made in slices, so that what it tells of a resource may be as old as the work takes. */
export async function orderOf(
  state: Pick<ClusterState, 'visitPlaces'>,
  index: Pick<TaskIndex, 'row'>,
  query: OrderQuery,
  breath = new Breath(),
): Promise<Order> {
  const { key, isDown } = sortOf(query.sort);
  const matching = new Matching(index, query, key);
  const { prefix, nodeId } = query;
  for (let after: string | undefined = ''; after !== undefined; await breath.take()) {
    after = visitSlice(state, { prefix, after, ...(nodeId === '' ? {} : { nodeId }) }, matching.add, breath);
  }
  const { names, keys, counts } = matching;
  if (key === undefined) {
    return { names: isDown ? names.toReversed() : names, counts, tookMs: breath.workedMs };
  }
  const order = await sorted(names.length, comparing(keys, isDown), breath);
  return { names: Array.from(order, (i) => names[i]!), counts, tookMs: breath.workedMs };
}

/** What matches, with what it is sorted by. */
class Matching {
  readonly names: string[] = [];
  readonly keys: (number | string)[] = [];
  readonly counts = new Map<string, number>();
  private readonly wanted: ReadonlySet<string>;

  constructor(
    private readonly index: Pick<TaskIndex, 'row'>,
    private readonly query: OrderQuery,
    private readonly key: SortKey | undefined,
  ) {
    this.wanted = new Set(query.states.map((state) => (state === UNTOLD ? '' : state)));
  }

  readonly add = (name: string, nodeId: string): void => {
    if (!name.includes(this.query.query)) return;
    const row = nodeId === '' ? NO_WORKER : this.index.row(nodeId, name);
    const state = stateOf(row);
    this.counts.set(state, (this.counts.get(state) ?? 0) + 1);
    if (this.wanted.size > 0 && !this.wanted.has(state)) return;
    this.names.push(name);
    if (this.key !== undefined)
      this.keys.push(this.key(state, nodeId, typeof row === 'object' ? row : undefined));
  };
}

/** Returns the name that it stopped after when it was time to; undefined at the end. */
function visitSlice(
  state: Pick<ClusterState, 'visitPlaces'>,
  query: Parameters<ClusterState['visitPlaces']>[0],
  add: (name: string, nodeId: string) => void,
  breath: Breath,
): string | undefined {
  let count = 0;
  let stopped: string | undefined;
  state.visitPlaces(query, (name, nodeId) => {
    add(name, nodeId);
    if (++count % CHECK === 0 && breath.isDue) stopped = name;
    return stopped === undefined;
  });
  return stopped;
}

const CHECK = 256;

/** All keys of a sort are of one kind. */
function comparing(keys: readonly (number | string)[], isDown: boolean): (a: number, b: number) => number {
  const sign = isDown ? -1 : 1;
  if (typeof keys[0] === 'number') {
    const numbers = Float64Array.from(keys as readonly number[]);
    return (a, b) => sign * (numbers[a]! - numbers[b]!);
  }
  return (a, b) => {
    const [x, y] = [keys[a]!, keys[b]!];
    return x < y ? -sign : x > y ? sign : 0;
  };
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

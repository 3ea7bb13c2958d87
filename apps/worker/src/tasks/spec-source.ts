import { isOrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';
import { keys } from '@app/resources';
import { parseTaskSpec, type TaskSpec } from '@app/tasks';
import { pause } from '../assignment/pause.js';
import type { FoundTask, TaskCatalog } from './task-catalog.js';

export type FoundSpec =
  | { kind: 'spec'; spec: TaskSpec }
  /** `isOurs`: from the worker's own catalog, so it may change without a new epoch. */
  | { kind: 'wrong'; reason: string; isOurs: boolean }
  | { kind: 'missing'; reason: string };

/** What to crawl for a resource: the spec that came with it, else the worker's own task of its name. */
export class SpecSource {
  constructor(
    private readonly etcd: Pick<EtcdClient, 'get'>,
    private readonly catalog: TaskCatalog | undefined,
  ) {}

  /**
   * May be newer than the epoch that it is asked for: it was then put together with a newer assignment, whose
   * epoch the claim of the older one does not match.
   */
  async find(name: string, signal: AbortSignal): Promise<FoundSpec> {
    const kv = await this.etcd.get(keys.spec(name), { signal });
    if (kv !== undefined) return specOf(() => JSON.parse(kv.value) as unknown, false);
    const task = await this.catalog?.find(name);
    if (task !== undefined) return ownSpec(task);
    const ways = ['set its spec (orbweaver set-spec, PUT /crawler/resource/:name/spec)'];
    if (this.catalog !== undefined) ways.push(this.catalog.advice(name));
    return { kind: 'missing', reason: `there is no spec of that name: ${ways.join(', or ')}` };
  }

  /** Resolves when the catalog may say another thing of that name, or when the signal fires. */
  async mayHaveChanged(name: string, was: 'wrong' | 'missing', signal: AbortSignal): Promise<void> {
    if (this.catalog === undefined) return pause(undefined, signal);
    await pause(LOOK_AGAIN_MS, signal);
    if (was === 'wrong') return;
    // Thousands may be missing: etcd is not asked for each.
    while (!signal.aborted && !(await this.catalog.has(name))) await pause(LOOK_AGAIN_MS, signal);
  }
}

/** How long a task that was put into the catalog may stay unnoticed. */
const LOOK_AGAIN_MS = 3_000;

export function ownSpec(task: FoundTask): Exclude<FoundSpec, { kind: 'missing' }> {
  return task.kind === 'wrong' ? { ...task, isOurs: true } : specOf(() => task.value, true);
}

function specOf(read: () => unknown, isOurs: boolean): Exclude<FoundSpec, { kind: 'missing' }> {
  try {
    return { kind: 'spec', spec: parseTaskSpec(read()) };
  } catch (error) {
    if (!isOrbweaverError(error) && !(error instanceof SyntaxError)) throw error;
    return { kind: 'wrong', reason: error.message, isOurs };
  }
}

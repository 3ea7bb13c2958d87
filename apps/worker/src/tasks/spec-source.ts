import { parseTaskSpec, type TaskSpec } from '@app/crawl';
import { isOrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';
import { keys } from '@app/resources';
import type { TaskCatalog } from './task-catalog.js';

export type FoundSpec =
  | { kind: 'spec'; spec: TaskSpec }
  /** `mayChange`: without a new epoch, since it comes from the worker's own catalog. */
  | { kind: 'missing' | 'wrong'; reason: string; mayChange: boolean };

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
    if (task?.kind === 'wrong') return { ...task, mayChange: true };
    if (task?.kind === 'found') return specOf(() => task.value, true);
    const ways = ['set its spec (orbweaver set-spec, PUT /crawler/resource/:name/spec)'];
    if (this.catalog !== undefined) ways.push(this.catalog.advice(name));
    return {
      kind: 'missing',
      reason: `there is no spec of that name: ${ways.join(', or ')}`,
      mayChange: this.catalog !== undefined,
    };
  }
}

export function specOf(read: () => unknown, mayChange: boolean): FoundSpec {
  try {
    return { kind: 'spec', spec: parseTaskSpec(read()) };
  } catch (error) {
    if (!isOrbweaverError(error) && !(error instanceof SyntaxError)) throw error;
    return { kind: 'wrong', reason: error.message, mayChange };
  }
}

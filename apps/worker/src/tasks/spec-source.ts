import { isOrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';
import { tracesAreOn } from '@app/observability';
import { decodeControl, keys, type Control } from '@app/resources';
import type { FoundTask, TaskCode } from '@app/task-modules';
import { parseTaskSpec, type TaskSpec } from '@app/tasks';
import { CatalogWaits } from './catalog-waits.js';
import { ReadTogether } from './read-together.js';
import type { TaskCatalog } from './task-catalog.js';

/** What is wanted of a resource: what to crawl, and how far people let it. */
export interface Wanted {
  control: Control;
  spec: FoundSpec;
  /** W3C trace context of the call that asked for the present run; undefined when that is not traced. */
  traceParent?: string | undefined;
}

export type FoundSpec =
  | { kind: 'spec'; spec: TaskSpec; code?: TaskCode }
  /** `isOurs`: of the worker's own catalog, so it may change without a new epoch. */
  | { kind: 'wrong'; reason: string; isOurs: boolean }
  | { kind: 'missing'; reason: string; isOurs: boolean };

/** What is wanted of resources: the spec that came with one, else the worker's own task of its name. */
export class SpecSource {
  readonly #stored: ReadTogether;
  readonly #waits: CatalogWaits | undefined;

  constructor(
    etcd: Pick<EtcdClient, 'txn'>,
    private readonly catalog: TaskCatalog | undefined,
  ) {
    this.#stored = new ReadTogether(etcd);
    this.#waits = catalog && new CatalogWaits(catalog);
  }

  /**
   * May be newer than the epoch that it is asked for: it was then put together with a newer assignment, whose
   * epoch the claim of the older one does not match.
   */
  async find(name: string, resourceId: string): Promise<Wanted> {
    const asked = [keys.spec(name), keys.control(name)];
    if (tracesAreOn()) asked.push(keys.trace(name));
    const [spec, control, traceParent] = await this.#stored.read(asked);
    return {
      control: decodeControl(control, resourceId),
      traceParent,
      spec: spec === undefined ? await this.#own(name) : specOf(() => JSON.parse(spec) as unknown, false),
    };
  }

  /** What is crawled for a name, if that can be told. */
  async spec(name: string): Promise<TaskSpec | undefined> {
    const { spec } = await this.find(name, '');
    return spec.kind === 'spec' ? spec.spec : undefined;
  }

  /** Wakes once, when the catalog may say another thing of that name. Gives what gives that up. */
  onceChanged(name: string, was: 'wrong' | 'missing', wake: () => void): () => void {
    return this.#waits?.once(name, was, wake) ?? (() => {});
  }

  async #own(name: string): Promise<FoundSpec> {
    const task = await this.catalog?.find(name);
    if (task !== undefined) return ownSpec(task);
    const reason = this.catalog === undefined ? MISSING : `${MISSING}, or ${this.catalog.advice(name)}`;
    return { kind: 'missing', reason, isOurs: this.catalog !== undefined };
  }
}

const MISSING =
  'there is no spec of that name: set its spec (orbweaver set-spec, PUT /crawler/resource/:name/spec)';

export function ownSpec(task: FoundTask): Exclude<FoundSpec, { kind: 'missing' }> {
  if (task.kind === 'wrong') return { ...task, isOurs: true };
  const found = specOf(() => task.value, true);
  return found.kind === 'wrong' || task.code === undefined ? found : { ...found, code: task.code };
}

function specOf(read: () => unknown, isOurs: boolean): Exclude<FoundSpec, { kind: 'missing' }> {
  try {
    return { kind: 'spec', spec: parseTaskSpec(read()) };
  } catch (error) {
    if (!isOrbweaverError(error) && !(error instanceof SyntaxError)) throw error;
    return { kind: 'wrong', reason: error.message, isOurs };
  }
}

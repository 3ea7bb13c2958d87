import { OrbweaverError } from '@app/errors';
import { op, type KeyValue } from '@app/etcd';
import { pinnedLogger, type Logger } from '@app/observability';
import {
  checkResourceName,
  checkSpecText,
  decodeResource,
  encodeNodeRef,
  keys,
  planAdd,
  planRemove,
  planRespec,
  sameSpec,
  writesOf,
  type Change,
  type ClusterState,
  type ResourceRecord,
} from '@app/resources';
import { parseTaskSpec } from '@app/tasks';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { Committer, Write } from './committer.js';
import type { IdSource } from './id-source.js';

/**
 * What a leader does, during one term: every change of a resource is planned from the view and committed in
 * etcd before anybody is told. The view may be behind, so nothing is answered from it alone: what is written
 * compares the record, and what needs no writing (it exists already, it is not there) is read again, guarded.
 *
 * Every call is safe to repeat: an add finds its own work, a removal finds nothing left and says NOT_FOUND.
 * When the outcome of a commit is unknown the caller is told so (ETCD_UNAVAILABLE) and may repeat the call.
 */
export class Assigner {
  private readonly underWay = new Map<string, UnderWay>();
  private readonly addLog: Logger;

  constructor(
    private readonly view: Pick<ClusterView, 'state'>,
    private readonly committer: Pick<Committer, 'submit' | 'read'>,
    private readonly ids: Pick<IdSource, 'ready' | 'prepare' | 'next'>,
    logger: Logger,
    private readonly observePlan: (ms: number) => void = () => undefined,
  ) {
    this.addLog = pinnedLogger(logger);
  }

  /** Gives the resource to a worker, or tells which has it when it is there already with the same spec. */
  async add({ name, spec = '', pending = false }: Addition): Promise<Standing> {
    checkResourceName(name);
    const text = spec === '' ? undefined : checkedSpec(spec);
    const standing = await this.retrying(name, async (other) => {
      if (other?.kind === 'add' && sameSpec(other.spec ?? '', text ?? '')) return other.outcome;
      if (other !== undefined) return undefined;
      if (!this.ids.ready) await this.ids.prepare();
      if (this.underWay.has(name)) return undefined;

      const { state } = this.view;
      const plan = this.plan(() =>
        planAdd(state, {
          name,
          pending,
          creationTime: BigInt(Date.now()) * 1_000_000n,
          nextId: () => this.ids.next(),
          ...(text === undefined ? {} : { spec: text }),
        }),
      );
      return 'change' in plan ? this.commit(state, plan.change) : this.repeated(name, text ?? '');
    });
    if (standing.record.assignedNode === undefined && !pending) {
      throw new OrbweaverError('NO_WORKER_NODES', 'no worker nodes');
    }
    return standing;
  }

  async remove(name: string): Promise<void> {
    checkResourceName(name);
    await this.retrying(name, async (other) => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      if (state.get(name) === undefined) return this.mustExist(name);
      return this.commit(
        state,
        this.plan(() => planRemove(state, name)),
      );
    });
  }

  /** Its worker starts over with the new spec, unless it is the one it has. */
  async respec(name: string, spec: string): Promise<Standing> {
    checkResourceName(name);
    const text = checkedSpec(spec);
    return this.retrying(name, async (other) => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      const [record, present] = await this.committer.read(keys.resource(name), keys.spec(name));
      const standing = this.learn(state, name, record);
      if (standing === undefined) throw noSuchTask();
      if (this.underWay.has(name)) return undefined;
      if (present !== undefined && sameSpec(present.value, text)) return standing;
      return this.commit(
        state,
        this.plan(() => planRespec(state, name, text)),
      );
    });
  }

  /** The node gets nothing new; what it has is moved by and by. */
  async drain(nodeId: string): Promise<void> {
    const value = JSON.stringify({ since: new Date().toISOString() });
    const key = keys.drain(nodeId);
    const outcome = await this.committer.submit({
      expects: [{ key, modRevision: 0n }],
      ops: [op.put(key, value)],
    });
    if (outcome.kind === 'committed') this.view.state.apply({ key, value, modRevision: outcome.revision });
  }

  async undrain(nodeId: string): Promise<void> {
    const key = keys.drain(nodeId);
    const { revision } = await this.committer.submit({ expects: [], ops: [op.delete(key)] });
    this.view.state.apply({ key, value: undefined, modRevision: revision });
  }

  /** The resource and its spec as they are now; undefined when it is not there. */
  async read(name: string): Promise<(Standing & { spec: string }) | undefined> {
    const [record, spec] = await this.committer.read(keys.resource(name), keys.spec(name));
    const standing = standingOf(name, record);
    return standing && { ...standing, spec: spec?.value ?? '' };
  }

  /**
   * Commits a change that was planned, and so reserved, in this state. Undefined: a record was not as it was
   * planned from; the state knows better now, and the change has to be planned again.
   */
  commit(state: ClusterState, change: Change): Promise<Standing | undefined> {
    const outcome = this.write(state, change).finally(() => {
      if (this.underWay.get(change.name) === entry) this.underWay.delete(change.name);
    });
    const entry: UnderWay = { kind: change.kind, spec: change.spec, outcome };
    this.underWay.set(change.name, entry);
    return outcome;
  }

  private async write(state: ClusterState, change: Change): Promise<Standing | undefined> {
    let outcome;
    try {
      outcome = await this.committer.submit(writeOf(change));
    } catch (error) {
      // If it happened all the same, the watch will tell.
      state.revert(change);
      throw error;
    }
    if (outcome.kind === 'conflict') {
      state.revert(change);
      this.learn(state, change.name, outcome.found[0], outcome.revision);
      return undefined;
    }
    state.confirm(change, outcome.revision);
    if (change.kind === 'add') this.addLog.info({ specs: shown(change.record) }, 'add resource');
    return { record: change.record, revision: outcome.revision };
  }

  /** Tries until it has an answer: waits for what is under way for that name, and plans again after a conflict. */
  private async retrying<T>(
    name: string,
    attempt: (other: UnderWay | undefined) => Promise<T | undefined>,
  ): Promise<T> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS;) {
      const other = this.underWay.get(name);
      const answer = await attempt(other);
      if (answer !== undefined) return answer;
      if (other === undefined) conflicts++;
      else await other.outcome.catch(() => undefined);
    }
    throw new OrbweaverError('UNAVAILABLE', `others keep changing ${name}, try again`);
  }

  private async repeated(name: string, spec: string): Promise<Standing | undefined> {
    const { state } = this.view;
    const [record, present] = await this.committer.read(keys.resource(name), keys.spec(name));
    const standing = this.learn(state, name, record);
    if (standing === undefined) return undefined;
    if (!sameSpec(present?.value ?? '', spec)) {
      throw new OrbweaverError('ALREADY_EXISTS', `resource ${JSON.stringify(name)} exists with another spec`);
    }
    return standing;
  }

  private async mustExist(name: string): Promise<undefined> {
    const { state } = this.view;
    const [record] = await this.committer.read(keys.resource(name));
    if (this.learn(state, name, record) === undefined) throw noSuchTask();
    return undefined;
  }

  /** What was just read in etcd is newer than the view, unless a change of ours is under way. */
  private learn(
    state: ClusterState,
    name: string,
    found: KeyValue | undefined,
    revision?: bigint,
  ): Standing | undefined {
    const present = state.get(name);
    if (!this.underWay.has(name) && present?.modRevision !== found?.modRevision) {
      const modRevision = found?.modRevision ?? revision ?? (present?.modRevision ?? 0n) + 1n;
      state.apply({ key: keys.resource(name), value: found?.value, modRevision });
    }
    return standingOf(name, found);
  }

  private plan<T>(planner: () => T): T {
    const startedAt = performance.now();
    try {
      return planner();
    } finally {
      this.observePlan(performance.now() - startedAt);
    }
  }
}

export interface Addition {
  readonly name: string;
  /** JSON text; empty: the worker's own task of that name. */
  readonly spec?: string;
  /** Keep the resource without a worker while there is none. */
  readonly pending?: boolean;
}

/** A resource as it stands in etcd. */
export interface Standing {
  readonly record: ResourceRecord;
  readonly revision: bigint;
}

interface UnderWay {
  readonly kind: Change['kind'];
  readonly spec: string | undefined;
  readonly outcome: Promise<Standing | undefined>;
}

const MAX_CONFLICTS = 8;

function writeOf(change: Change): Write {
  return {
    expects: [{ key: keys.resource(change.name), modRevision: change.expectedModRevision }],
    ops: writesOf(change).map(({ key, value }) =>
      value === undefined ? op.delete(key) : op.put(key, value),
    ),
  };
}

function standingOf(name: string, found: KeyValue | undefined): Standing | undefined {
  const record = found && decodeResource(found.value);
  return record?.name === name ? { record, revision: (found as KeyValue).modRevision } : undefined;
}

/** Its canonical text. Who sends a wrong spec is told now, not when a worker reads it. */
function checkedSpec(spec: string): string {
  const text = checkSpecText(spec);
  parseTaskSpec(JSON.parse(text));
  return text;
}

function noSuchTask(): OrbweaverError {
  return new OrbweaverError('NOT_FOUND', 'no such task');
}

function shown({ id, name, assignedNode, creationTime }: ResourceRecord): object {
  return { ID: id, Name: name, AssignedNode: encodeNodeRef(assignedNode), CreationTime: creationTime };
}

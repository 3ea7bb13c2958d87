import { OrbweaverError } from '@app/errors';
import { op, type KeyValue, type Op } from '@app/etcd';
import { inSpan, traceParent } from '@app/observability';
import {
  decodeResource,
  keys,
  writesOf,
  type Change,
  type ClusterState,
  type ResourceRecord,
} from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { Committer, Expectation, Write } from './committer.js';

/**
 * How a leader changes resources, during one term: each change is planned from the view and committed in etcd
 * before anybody is told. The view may be behind, so nothing is answered from it alone: what is written compares
 * the record, and what needs no writing (it exists already, it is not there) is read again, guarded.
 *
 * When the outcome of a commit is unknown the caller is told so (ETCD_UNAVAILABLE) and may repeat the call.
 */
export class Changes {
  private readonly underWay = new Map<string, UnderWay>();

  constructor(
    private readonly view: Pick<ClusterView, 'state'>,
    private readonly committer: Pick<Committer, 'submit' | 'read'>,
    private readonly observePlan: (ms: number) => void = () => undefined,
  ) {}

  isUnderWay(name: string): boolean {
    return this.underWay.has(name);
  }

  /** Tries until it has an answer: waits for what is under way for that name, and plans again after a conflict. */
  async retrying<T>(
    name: string,
    attempt: (other: UnderWay | undefined) => Promise<T | undefined>,
  ): Promise<T> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS;) {
      const answer = await attempt(this.underWay.get(name));
      if (answer !== undefined) return answer;
      const other = this.underWay.get(name);
      if (other === undefined) conflicts++;
      else await other.outcome.catch(() => undefined);
    }
    throw new OrbweaverError('UNAVAILABLE', `others keep changing ${name}, try again`);
  }

  /** The resource and further keys as they are now; the state knows it afterwards. */
  async read(state: ClusterState, name: string, ...others: string[]): Promise<Found> {
    const [record, ...found] = await this.committer.read(keys.resource(name), ...others);
    // While a change of ours is under way the state knows better.
    if (!this.underWay.has(name)) learn(state, name, record);
    return { standing: standingOf(name, record), found };
  }

  plan<T>(planner: () => T): T {
    const startedAt = performance.now();
    try {
      return inSpan('plan', {}, planner);
    } finally {
      this.observePlan(performance.now() - startedAt);
    }
  }

  /**
   * Commits a change that was planned, and so reserved, in this state. Undefined: a record was not as it was
   * planned from, or another key not as expected; the state knows better now, and the change has to be planned
   * again.
   */
  commit(
    state: ClusterState,
    change: Change,
    expects: readonly Expectation[] = [],
  ): Promise<Standing | undefined> {
    const write = (): Promise<Standing | undefined> => this.write(state, change, expects);
    const attributes = { 'orbweaver.task': change.name, 'orbweaver.change': change.kind };
    const outcome = inSpan('commit', { attributes }, write).finally(() => {
      if (this.underWay.get(change.name) === entry) this.underWay.delete(change.name);
    });
    const entry: UnderWay = { kind: change.kind, spec: change.spec, outcome };
    this.underWay.set(change.name, entry);
    return outcome;
  }

  private async write(
    state: ClusterState,
    change: Change,
    expects: readonly Expectation[],
  ): Promise<Standing | undefined> {
    let outcome;
    try {
      outcome = await this.committer.submit(writeOf(change, expects));
    } catch (error) {
      // If it happened all the same, the watch will tell.
      state.revert(change);
      throw error;
    }
    if (outcome.kind === 'conflict') {
      state.revert(change);
      learn(state, change.name, outcome.found[0], outcome.revision);
      return undefined;
    }
    state.confirm(change, outcome.revision);
    return { record: change.record, revision: outcome.revision };
  }
}

/** A resource as it stands in etcd. */
export interface Standing {
  readonly record: ResourceRecord;
  readonly revision: bigint;
}

export interface Found {
  readonly standing: Standing | undefined;
  readonly found: readonly (KeyValue | undefined)[];
}

export interface UnderWay {
  readonly kind: Change['kind'];
  readonly spec: string | undefined;
  readonly outcome: Promise<Standing | undefined>;
}

export function standingOf(name: string, found: KeyValue | undefined): Standing | undefined {
  const record = found && decodeResource(found.value);
  return record?.name === name ? { record, revision: (found as KeyValue).modRevision } : undefined;
}

export function noSuchTask(): OrbweaverError {
  return new OrbweaverError('NOT_FOUND', 'no such task');
}

const MAX_CONFLICTS = 8;

/** What was just read in etcd is newer than the view. */
function learn(state: ClusterState, name: string, found: KeyValue | undefined, revision?: bigint): void {
  const present = state.get(name);
  if (present?.modRevision === found?.modRevision) return;
  const modRevision = found?.modRevision ?? revision ?? (present?.modRevision ?? 0n) + 1n;
  state.apply({ key: keys.resource(name), value: found?.value, modRevision });
}

function writeOf(change: Change, expects: readonly Expectation[]): Write {
  const ops = writesOf(change).map(({ key, value, isPrefix }) =>
    value !== undefined ? op.put(key, value) : isPrefix ? op.deletePrefix(key) : op.delete(key),
  );
  return {
    expects: [{ key: keys.resource(change.name), modRevision: change.expectedModRevision }, ...expects],
    ops: [...ops, ...traceOps(change)],
  };
}

/** For the worker that does what was asked. The context of an earlier call goes, also where this one is not traced. */
function traceOps({ kind, name }: Change): Op[] {
  if (kind !== 'add' && kind !== 'respec' && kind !== 'control') return [];
  const present = traceParent();
  if (present !== undefined) return [op.put(keys.trace(name), present)];
  return kind === 'add' ? [] : [op.delete(keys.trace(name))];
}

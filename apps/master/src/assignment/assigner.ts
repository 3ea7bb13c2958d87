import { OrbweaverError } from '@app/errors';
import { op } from '@app/etcd';
import { pinnedLogger, type Logger } from '@app/observability';
import {
  checkResourceName,
  checkSpecText,
  encodeNodeRef,
  encodeSchedule,
  keepReplaced,
  keys,
  planAdd,
  planRemove,
  planRespec,
  sameSpec,
  type Change,
  type ClusterState,
  type ResourceRecord,
} from '@app/resources';
import { parseTaskSpec, type Schedule } from '@app/tasks';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { noSuchTask, standingOf, type Changes, type Standing } from './changes.js';
import type { Committer } from './committer.js';
import type { IdSource } from './id-source.js';

/**
 * What a leader does with resources as such, during one term. Every call is safe to repeat: an add finds its own
 * work, a removal finds nothing left and says NOT_FOUND.
 */
export class Assigner {
  private readonly addLog: Logger;

  constructor(
    private readonly view: Pick<ClusterView, 'state'>,
    private readonly changes: Changes,
    private readonly committer: Pick<Committer, 'submit' | 'read' | 'keysUnder'>,
    private readonly ids: Pick<IdSource, 'ready' | 'prepare' | 'next'>,
    logger: Logger,
  ) {
    this.addLog = pinnedLogger(logger);
  }

  /** Gives the resource to a worker, or tells which has it when it is there already with the same spec. */
  async add({ name, spec = '', pending = false }: Addition): Promise<Standing> {
    checkResourceName(name);
    const { changes } = this;
    const checked = spec === '' ? undefined : checkedSpec(spec);
    const text = checked?.text ?? '';
    const standing = await changes.retrying(name, async (other) => {
      if (other?.kind === 'add' && sameSpec(other.spec ?? '', text)) return other.outcome;
      if (other !== undefined) return undefined;
      if (!this.ids.ready) await this.ids.prepare();
      if (changes.isUnderWay(name)) return undefined;

      const { state } = this.view;
      const plan = changes.plan(() =>
        planAdd(state, {
          name,
          pending,
          creationTime: BigInt(Date.now()) * 1_000_000n,
          nextId: () => this.ids.next(),
          ...(checked === undefined ? {} : { spec: text }),
          ...(checked?.schedule === undefined ? {} : { schedule: scheduleText(checked.schedule) }),
        }),
      );
      return 'change' in plan ? this.commitAdd(state, plan.change) : this.repeated(name, text);
    });
    if (standing.record.assignedNode === undefined && !pending) {
      throw new OrbweaverError('NO_WORKER_NODES', 'no worker nodes');
    }
    return standing;
  }

  async remove(name: string): Promise<void> {
    checkResourceName(name);
    const { changes } = this;
    await changes.retrying(name, async (other) => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      if (state.get(name) === undefined) return this.mustExist(name);
      return changes.commit(
        state,
        changes.plan(() => planRemove(state, name)),
      );
    });
  }

  /** Its worker starts over with the new spec, unless it is the one it has. The one that goes is kept. */
  async respec(name: string, spec: string): Promise<Standing> {
    checkResourceName(name);
    const { changes } = this;
    const { text, schedule } = checkedSpec(spec);
    return changes.retrying(name, async (other) => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      const [{ standing, found }, kept] = await Promise.all([
        changes.read(state, name, keys.spec(name)),
        this.committer.keysUnder(keys.specHistory(name)),
      ]);
      if (standing === undefined) throw noSuchTask();
      const [present] = found;
      if (present !== undefined && sameSpec(present.value, text)) return standing;
      // What was read belongs to that record, and what is planned compares the state's.
      if (changes.isUnderWay(name) || state.get(name)?.modRevision !== standing.revision) return undefined;
      const written = schedule === undefined ? null : scheduleText(schedule)(standing.record.id);
      const replaced = {
        spec: present?.value ?? '',
        replacedAt: new Date(),
        revision: present?.modRevision ?? 0n,
      };
      const history = keepReplaced(name, replaced, kept);
      return changes.commit(
        state,
        changes.plan(() => planRespec(state, name, text, written, history)),
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

  /** The resource and further keys as they are now; undefined when it is not there. */
  async read(
    name: string,
    others: readonly string[],
  ): Promise<(Standing & { others: (string | undefined)[] }) | undefined> {
    const [record, ...found] = await this.committer.read(keys.resource(name), ...others);
    const standing = standingOf(name, record);
    return standing && { ...standing, others: found.map((other) => other?.value) };
  }

  private async commitAdd(state: ClusterState, change: Change): Promise<Standing | undefined> {
    const standing = await this.changes.commit(state, change);
    if (standing !== undefined) this.addLog.info({ specs: shown(standing.record) }, 'add resource');
    return standing;
  }

  private async repeated(name: string, spec: string): Promise<Standing | undefined> {
    const { standing, found } = await this.changes.read(this.view.state, name, keys.spec(name));
    if (standing === undefined) return undefined;
    if (!sameSpec(found[0]?.value ?? '', spec)) {
      throw new OrbweaverError('ALREADY_EXISTS', `resource ${JSON.stringify(name)} exists with another spec`);
    }
    return standing;
  }

  private async mustExist(name: string): Promise<undefined> {
    const { standing } = await this.changes.read(this.view.state, name);
    if (standing === undefined) throw noSuchTask();
    return undefined;
  }
}

export interface Addition {
  readonly name: string;
  /** JSON text; empty: the worker's own task of that name. */
  readonly spec?: string;
  /** Keep the resource without a worker while there is none. */
  readonly pending?: boolean;
}

/** Its canonical text. Who sends a wrong spec is told now, not when a worker reads it. */
function checkedSpec(spec: string): { text: string; schedule: Schedule | undefined } {
  const text = checkSpecText(spec);
  const { schedule } = parseTaskSpec(JSON.parse(text));
  return { text, schedule };
}

/** The first run begins with the spec, so the first firing is the next one from now. */
function scheduleText(schedule: Schedule): (resourceId: string) => string {
  return (resourceId) => encodeSchedule({ resourceId, ...schedule, settledAt: Date.now() });
}

function shown({ id, name, assignedNode, creationTime }: ResourceRecord): object {
  return { ID: id, Name: name, AssignedNode: encodeNodeRef(assignedNode), CreationTime: creationTime };
}

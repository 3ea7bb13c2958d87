import { op } from '@app/etcd';
import {
  checkResourceName,
  controlAfter,
  decodeControl,
  encodeControl,
  encodeSchedule,
  keys,
  planControl,
  type Control,
  type ControlRequest,
  type ScheduleRecord,
} from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { noSuchTask, type Changes, type Standing } from '../assignment/changes.js';
import type { Committer } from '../assignment/committer.js';

/**
 * Which run of a resource is wanted and whether it is paused, as people and schedules say. What is wanted stands in
 * the control document; its record and its assignment are put again with each change of that, in the same
 * transaction, so that its worker is given a new epoch and looks again.
 */
export class Runs {
  constructor(
    private readonly view: Pick<ClusterView, 'state'>,
    private readonly changes: Changes,
    private readonly committer: Pick<Committer, 'submit'>,
  ) {}

  /** Nothing is written when it is as it is wanted already. */
  async control(name: string, request: ControlRequest): Promise<Controlled> {
    checkResourceName(name);
    const { changes } = this;
    return changes.retrying(name, async (other) => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      const { standing, found } = await changes.read(state, name, keys.control(name));
      if (standing === undefined) throw noSuchTask();
      if (changes.isUnderWay(name)) return undefined;
      const { id } = standing.record;
      const present = decodeControl(found[0]?.value, id);
      const control = controlAfter(present, request);
      if (control === undefined) return { ...standing, control: present };
      const written = { control: encodeControl(control, id) };
      const done = await changes.commit(
        state,
        changes.plan(() => planControl(state, name, written)),
      );
      return done && { ...done, control };
    });
  }

  /**
   * Begins the run that a schedule is due for, in one transaction with the mark that it was. It compares the
   * schedule as the caller knows it, so each firing happens once, whoever tries it and however often.
   */
  async fire(name: string, due: DueSchedule): Promise<Firing> {
    const { changes } = this;
    const key = keys.schedule(name);
    const expects = [{ key, modRevision: due.revision }];
    return changes.retrying(name, async (other): Promise<Firing | undefined> => {
      if (other !== undefined) return undefined;
      const { state } = this.view;
      const { standing, found } = await changes.read(state, name, keys.control(name), key);
      if (changes.isUnderWay(name)) return undefined;
      const [control, schedule] = found;
      if (schedule?.modRevision !== due.revision) return { kind: 'changed' };
      if (standing?.record.id !== due.record.resourceId) {
        // A foreign program has deleted the resource, or made another of its name.
        await this.committer.submit({ expects, ops: [op.delete(key)] });
        return { kind: 'changed' };
      }
      const { id } = standing.record;
      const present = decodeControl(control?.value, id);
      if (present.paused) {
        const settled = await this.passOver(name, due);
        return settled === undefined ? { kind: 'changed' } : { kind: 'paused', ...settled };
      }
      const record = settledNow(due);
      const next = { ...present, run: present.run + 1 };
      const written = { control: encodeControl(next, id), schedule: encodeSchedule(record) };
      const done = await changes.commit(
        state,
        changes.plan(() => planControl(state, name, written)),
        expects,
      );
      return done && { kind: 'fired', record, revision: done.revision, run: next.run };
    });
  }

  /** The firing that is due is left out. Undefined: the schedule is another by now. */
  async passOver(name: string, due: DueSchedule): Promise<StoredSchedule | undefined> {
    const key = keys.schedule(name);
    const record = settledNow(due);
    const outcome = await this.committer.submit({
      expects: [{ key, modRevision: due.revision }],
      ops: [op.put(key, encodeSchedule(record))],
    });
    return outcome.kind === 'committed' ? { record, revision: outcome.revision } : undefined;
  }
}

export interface Controlled extends Standing {
  readonly control: Control;
}

export interface StoredSchedule {
  readonly record: ScheduleRecord;
  /** Mod revision of its key. */
  readonly revision: bigint;
}

export interface DueSchedule extends StoredSchedule {
  /** Up to now by the leader's clock: everything that was missed is one firing. */
  readonly settledAt: number;
}

export type Firing =
  | ({ readonly kind: 'fired'; readonly run: number } & StoredSchedule)
  | ({ readonly kind: 'paused' } & StoredSchedule)
  /** It is no longer the schedule that was due. */
  | { readonly kind: 'changed' };

function settledNow({ record, settledAt }: DueSchedule): ScheduleRecord {
  return { ...record, settledAt };
}

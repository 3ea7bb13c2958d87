import { op, type KeyValue } from '@app/etcd';
import {
  checkResourceName,
  controlAfter,
  decodeControl,
  encodeControl,
  encodeSchedule,
  keys,
  planControl,
  type ClusterState,
  type Control,
  type ControlRequest,
  type ScheduleRecord,
} from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { noSuchTask, type Changes, type Standing } from '../assignment/changes.js';
import type { Committer, Expectation } from '../assignment/committer.js';
import { Turns } from './turns.js';

/**
 * Which run of a resource is wanted and whether it is paused, as people and schedules say. What is wanted stands in
 * the control document; its record and its assignment are put again with each change of that, in the same
 * transaction, so that its worker is given a new epoch and looks again.
 */
export class Runs {
  private readonly turns = new Turns();

  constructor(
    private readonly view: Pick<ClusterView, 'state'>,
    private readonly changes: Changes,
    private readonly committer: Pick<Committer, 'submit'>,
  ) {}

  /** Nothing is written when it is as it is wanted already. */
  control(name: string, request: ControlRequest): Promise<Controlled> {
    checkResourceName(name);
    return this.inTurn(name, async (state) => {
      const { standing, found } = await this.changes.read(state, name, keys.control(name));
      if (standing === undefined) throw noSuchTask();
      const present = decodeControl(found[0]?.value, standing.record.id);
      const control = controlAfter(present, request);
      if (control === undefined) return { ...standing, control: present };
      if (this.changes.isUnderWay(name)) return undefined;
      const done = await this.write(state, name, { standing, before: found[0], control });
      return done && { ...done, control };
    });
  }

  /**
   * Begins the run that a schedule is due for, in one transaction with the mark that it was. It compares the
   * schedule as the caller knows it, so each firing happens once, whoever tries it and however often.
   */
  fire(name: string, due: DueSchedule): Promise<Firing> {
    const key = keys.schedule(name);
    const expected = { key, modRevision: due.revision };
    return this.inTurn<Firing>(name, async (state) => {
      const { standing, found } = await this.changes.read(state, name, keys.control(name), key);
      const [before, schedule] = found;
      if (schedule?.modRevision !== due.revision) return { kind: 'changed' };
      if (standing?.record.id !== due.record.resourceId) {
        // A foreign program has deleted the resource, or made another of its name.
        await this.committer.submit({ expects: [expected], ops: [op.delete(key)] });
        return { kind: 'changed' };
      }
      const present = decodeControl(before?.value, standing.record.id);
      if (present.paused) {
        const settled = await this.passOver(name, due);
        return settled === undefined ? { kind: 'changed' } : { kind: 'paused', ...settled };
      }
      if (this.changes.isUnderWay(name)) return undefined;
      const control = { ...present, run: present.run + 1 };
      const record = settledNow(due);
      const fired = { schedule: encodeSchedule(record), expected };
      const done = await this.write(state, name, { standing, before, control, fired });
      return done && { kind: 'fired', record, revision: done.revision, run: control.run };
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

  /** Those who ask for one resource come one after another: what each makes is computed from what it finds. */
  private inTurn<T>(name: string, attempt: (state: ClusterState) => Promise<T | undefined>): Promise<T> {
    const { changes, view } = this;
    return this.turns.take(name, () =>
      changes.retrying(name, async (other) => (other === undefined ? attempt(view.state) : undefined)),
    );
  }

  private async write(
    state: ClusterState,
    name: string,
    { standing, before, control, fired }: ControlWrite,
  ): Promise<Standing | undefined> {
    const { changes } = this;
    const { id } = standing.record;
    // The view may have heard of another resource of that name meanwhile.
    if (state.get(name)?.record.id !== id) return undefined;
    const written = {
      control: encodeControl(control, id),
      ...(fired === undefined ? {} : { schedule: fired.schedule }),
    };
    const expects = [{ key: keys.control(name), modRevision: before?.modRevision ?? 0n }];
    if (fired !== undefined) expects.push(fired.expected);
    return changes.commit(
      state,
      changes.plan(() => planControl(state, name, written)),
      expects,
    );
  }
}

interface ControlWrite {
  readonly standing: Standing;
  /** The document that the control was made from. */
  readonly before: KeyValue | undefined;
  readonly control: Control;
  readonly fired?: { readonly schedule: string; readonly expected: Expectation };
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

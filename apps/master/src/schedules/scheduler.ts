import type { EtcdClient, KeyValue, WatchEvent } from '@app/etcd';
import { inSpan, type Logger } from '@app/observability';
import { decodeSchedule, keys, parseKey, type ClusterState, type ScheduleRecord } from '@app/resources';
import { pause } from '../leadership/pause.js';
import type { Firing, Runs, StoredSchedule } from '../runs/runs.js';
import { FiringTimes } from './firing-times.js';
import { decide, type Decision, type KnownTask } from './overlap.js';
import { Timetable } from './timetable.js';

/**
 * Fires the schedules of all resources, during one term. A firing stays due until it is fired or left out, and
 * which of the two stands in etcd: so one that came while nobody led, or that a leader died over, is made up for
 * once, and none happens twice.
 *
 * Due are at most MAX_TURN at a time, so that ten thousand schedules of the same second keep nobody else from
 * writing for long. Times are by this master's wall clock: that is what schedules are about.
 */
export class Scheduler {
  private readonly schedules = new Map<string, StoredSchedule>();
  private readonly times = new FiringTimes();
  private readonly timetable = new Timetable();
  private wake = (): void => undefined;

  constructor(
    private readonly parts: SchedulerParts,
    private readonly metrics: ScheduleMetrics,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  /** Until the signal fires: the end of the term. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const over = AbortSignal.any([signal, ended.signal]);
    const end = (): void => this.wake();
    over.addEventListener('abort', end);
    try {
      await Promise.all([this.follow(over).finally(() => ended.abort()), this.fireAll(over)]);
    } finally {
      over.removeEventListener('abort', end);
      this.metrics.scheduled(0);
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    let unseen = new Set<string>();
    for await (const batch of this.parts.etcd.follow([keys.schedules], { signal })) {
      if (batch.kind === 'snapshot') {
        if (batch.first) unseen = new Set(this.schedules.keys());
        for (const [i, entry] of batch.entries.entries()) {
          // Each is a few calculations with time zones, and a page may hold tens of thousands.
          if (i % CHUNK === CHUNK - 1) await new Promise(setImmediate);
          unseen.delete(this.put(entry) ?? '');
        }
        if (batch.last) for (const name of unseen) this.forget(name);
      } else if (batch.kind === 'events') {
        for (const event of batch.events) this.apply(event);
      }
      this.metrics.scheduled(this.schedules.size);
      this.wake();
    }
  }

  private apply({ type, kv }: WatchEvent): void {
    if (type === 'put') return void this.put(kv);
    const parsed = parseKey(kv.key);
    if (parsed?.kind === 'schedule') this.forget(parsed.name);
  }

  private put({ key, value, modRevision }: KeyValue): string | undefined {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'schedule') return undefined;
    const { name } = parsed;
    // The watch runs behind what was written here.
    if ((this.schedules.get(name)?.revision ?? 0n) >= modRevision) return name;
    const record = decodeSchedule(value);
    if (record === undefined) {
      this.forget(name);
      this.logger.warn({ key }, 'not a schedule, passed over');
    } else this.store(name, { record, revision: modRevision });
    return name;
  }

  private store(name: string, schedule: StoredSchedule): void {
    this.schedules.set(name, schedule);
    const dueAt = this.dueAt(schedule.record);
    if (dueAt === undefined) this.timetable.delete(name);
    else this.timetable.set(name, dueAt);
  }

  private forget(name: string): void {
    this.schedules.delete(name);
    this.timetable.delete(name);
  }

  private dueAt(record: ScheduleRecord): number | undefined {
    return this.times.nextAt(record, record.settledAt);
  }

  private async fireAll(signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    while (!signal.aborted) {
      const due = this.timetable.takeDue(this.now(), MAX_TURN);
      // At the end of a term nobody waits for workers: the next leader finds what is still due.
      if (due.length > 0) await Promise.race([this.turn(due, signal), over]);
      else await this.untilDue();
    }
  }

  private async turn(names: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const tasks = await this.parts.tasks.known(names);
      if (signal.aborted) return;
      const settled = await Promise.allSettled(names.map((name) => this.settle(name, tasks.get(name))));
      const failed = names.filter((_, i) => settled[i]?.status === 'rejected');
      this.postpone(failed, settled.find((one) => one.status === 'rejected')?.reason, signal);
    } catch (error) {
      this.postpone(names, error, signal);
    }
  }

  private postpone(names: readonly string[], error: unknown, signal: AbortSignal): void {
    if (names.length === 0 || signal.aborted) return;
    for (const name of names) this.again(name, RETRY_MS);
    this.logger.warn({ schedules: names.length, error: String(error) }, 'schedules not fired yet');
  }

  private async settle(name: string, task: KnownTask | undefined): Promise<void> {
    const schedule = this.schedules.get(name);
    // It was taken away meanwhile.
    if (schedule === undefined) return;
    const now = this.now();
    const dueAt = this.dueAt(schedule.record) ?? now;
    // It was changed meanwhile.
    if (dueAt > now) return this.timetable.set(name, dueAt);
    const due = { ...schedule, settledAt: now };
    const decision = this.decide(name, schedule.record, task);
    if (decision === 'fire') {
      const span = { root: true, attributes: { 'orbweaver.task': name } };
      this.fired(name, dueAt, await inSpan('schedule', span, () => this.parts.runs.fire(name, due)));
    } else if (decision === 'skip') this.skipped(name, await this.parts.runs.passOver(name, due));
    else this.again(name, decision === 'wait' ? WAIT_MS : RETRY_MS);
  }

  private decide(name: string, { overlap }: ScheduleRecord, task: KnownTask | undefined): Decision {
    const resource = this.parts.view.state.get(name);
    // Its record may be on its way, or gone: that is seen when it is fired.
    if (resource === undefined) return 'fire';
    return decide(overlap, task, resource.epoch);
  }

  private fired(name: string, dueAt: number, firing: Firing): void {
    if (firing.kind === 'changed') return this.again(name, RETRY_MS);
    this.store(name, firing);
    this.metrics.settled(firing.kind);
    if (firing.kind === 'paused') return;
    const lateMs = this.now() - dueAt;
    this.metrics.late(lateMs);
    this.logger.info({ task: name, run: firing.run, lateMs }, 'schedule fired');
  }

  private skipped(name: string, settled: StoredSchedule | undefined): void {
    if (settled === undefined) return this.again(name, RETRY_MS);
    this.store(name, settled);
    this.metrics.settled('skipped');
    this.logger.info({ task: name }, 'schedule skipped, a run is under way');
  }

  /** Unless it was taken away, or the watch has told of another time. */
  private again(name: string, afterMs: number): void {
    if (this.schedules.has(name)) this.timetable.set(name, this.now() + afterMs);
  }

  /** Looks at the clock now and then: it may be set. */
  private async untilDue(): Promise<void> {
    const { nextAt } = this.timetable;
    const woken = new AbortController();
    this.wake = () => woken.abort();
    await pause(Math.max(1, Math.min(CLOCK_MS, (nextAt ?? Infinity) - this.now())), woken.signal);
    this.wake = () => undefined;
  }
}

export interface SchedulerParts {
  readonly etcd: Pick<EtcdClient, 'follow'>;
  readonly view: { readonly state: Pick<ClusterState, 'get'> };
  readonly runs: Pick<Runs, 'fire' | 'passOver'>;
  readonly tasks: TaskPort;
}

/** What workers say of tasks. */
export interface TaskPort {
  /** Names that nobody knows anything of are missing. */
  known(names: readonly string[]): Promise<ReadonlyMap<string, KnownTask>>;
}

export interface ScheduleMetrics {
  scheduled(count: number): void;
  settled(how: 'fired' | 'skipped' | 'paused'): void;
  late(ms: number): void;
}

const MAX_TURN = 1_000;
const CHUNK = 500;
const RETRY_MS = 1_000;
/** Between two looks at a run that another is to follow. */
const WAIT_MS = 5_000;
const CLOCK_MS = 1_000;

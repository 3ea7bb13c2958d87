import type { LineLevel, Task, TaskRunner, Tenure } from '@app/crawl';
import { isOrbweaverError, type ErrorCode } from '@app/errors';
import type { Session } from '@app/etcd';
import type { Logger } from '@app/observability';
import type { Claims } from '../claims/claims.js';
import type { TaskLog } from '../task-log/task-log.js';
import type { SpecSource } from '../tasks/spec-source.js';
import type { Assignment } from './assignment.js';
import { inAssignmentSpan, inTrace } from './assignment-span.js';
import { Ending } from './ending.js';
import { pause } from './pause.js';
import type { InLine, Leave, Slots } from './slots.js';

export type TaskState = 'pending' | 'running' | 'paused' | 'done' | 'failed';

/** What keeps a pending one, for a program to read. */
export type PendingCause = '' | 'slots' | 'registration' | 'claim' | 'spec' | 'store' | 'etcd';

export interface TaskStatus {
  state: TaskState;
  /** Why it is pending or failed, or was done early, for a person to read. */
  reason: string;
  /** Empty unless it is pending. */
  cause: PendingCause;
  /** When it came into this state, in milliseconds since 1970. */
  sinceAt: number;
  /** It is done or failed by a run of this seat, and not as the store remembers. */
  endedHere?: boolean;
}

export interface SeatParts {
  slots: Slots;
  specs: Pick<SpecSource, 'find' | 'onceChanged'>;
  claims: Pick<Claims, 'acquire' | 'release'>;
  runner: Pick<TaskRunner, 'run' | 'outcome'>;
  logger: Logger;
  /** Of the tasks, for those whose they are: only what became of a run, not that thousands wait. */
  taskLog: Pick<TaskLog, 'say'>;
  onState: (state: TaskState, before: TaskState) => void;
  /** The status of a task is another, and perhaps what the store knows of it; or it is assigned no more. */
  onChange: (name: string, inStore: boolean) => void;
}

/**
 * One assignment of one epoch under one session, from its turn to its end: spec, claim, run, release. It ends
 * by itself when the task is done, is paused or cannot be done as it is; or by `end`, after which nothing of it runs and
 * its claim is given back, if etcd can be told before the session is over (else the claim goes with the lease).
 *
 * One that waits for its turn or for a spec, or that has ended, is a few hundred bytes: no promise, no signal.
 */
export class Seat implements InLine {
  readonly #end = new Ending();
  /** What is under way, while anything is. */
  #living: Promise<void> | undefined;
  /** Gives up what it waits for, but a slot, while nothing is. */
  #giveUp: (() => void) | undefined;
  #status: TaskStatus = {
    state: 'pending',
    reason: 'waits for its turn',
    cause: 'slots',
    sinceAt: Date.now(),
  };
  /** From before the claim is asked for: its outcome may remain unknown. */
  #mayHoldClaim = false;

  constructor(
    readonly assignment: Assignment,
    readonly session: Session,
    private readonly parts: SeatParts,
    /** How the seat before it, of the same task, stood in the end. */
    private readonly before?: TaskStatus,
  ) {
    parts.slots.queue(this);
  }

  get status(): TaskStatus {
    return this.#status;
  }

  /** Resolves when nothing of it runs any more. May be called again. The first reason is told if it runs. */
  end(reason: string): Promise<void> {
    this.#end.call(reason);
    this.parts.slots.quit(this);
    this.#giveUp?.();
    return this.#living ?? Promise.resolve();
  }

  /** Its turn. */
  enter(leave: Leave): void {
    this.#giveUp = undefined;
    this.#living = this.#live(leave);
  }

  async #live(entered: Leave): Promise<void> {
    let first: Leave | undefined = entered;
    let again: Again | undefined = { when: Promise.resolve() };
    let failures = 0;
    while (again !== undefined && 'when' in again) {
      try {
        await again.when;
        const turn = this.#turn(first);
        first = undefined;
        again = await turn;
        failures = 0;
      } catch (error) {
        again = undefined;
        if (this.#end.isCalled) break;
        if (isOrbweaverError(error) && error.retry === 'later') {
          this.#become('pending', error.message, { cause: CAUSES[error.code] ?? '' });
          this.#log('warn', 'task waits', { reason: error.message });
          const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
          again = { when: pause(pauseMs, this.#end.signal) };
        } else {
          const reason = isOrbweaverError(error) ? error.message : 'internal error';
          this.#become('failed', reason, { endedHere: true });
          this.#log('error', 'task failed', { reason, error });
        }
      }
    }
    await this.#release();
    this.#living = undefined;
    if (again === undefined || this.#end.isCalled) return;
    this.#giveUp = again.afterwards(() => this.parts.slots.queue(this));
  }

  /** One attempt; gives what to wait for before another, or undefined when there is nothing more to do. */
  async #turn(entered: Leave | undefined): Promise<Again | undefined> {
    const { slots, specs, claims, runner } = this.parts;
    const { name, record, epoch } = this.assignment;
    // An attempt whose outcome remained unknown may have left it.
    await this.#release();
    const sinceAt = Date.now();
    const leave = entered ?? (await slots.enter(this.#end.signal));
    try {
      if (this.#end.isCalled) return undefined;
      const { control, spec: found, traceParent } = await specs.find(name, record.id);
      if (control.paused) {
        // That it is resumed comes through the feed, with another epoch.
        this.#become('paused', '');
        if (this.before !== undefined && this.before.state !== 'paused') this.#say('info', 'paused');
        return undefined;
      }
      if (found.kind !== 'spec') {
        if (found.kind === 'missing') this.#become('pending', found.reason, { cause: 'spec' });
        else this.#become('failed', found.reason);
        if (found.kind === 'wrong' && this.before?.reason !== found.reason) {
          this.#say('error', 'the spec is wrong', { reason: found.reason });
        }
        if (!found.isOurs) return undefined;
        return { afterwards: (wake) => specs.onceChanged(name, found.kind, wake) };
      }
      const { run, retry, generation } = control;
      const task: Task = {
        name,
        id: record.id,
        epoch,
        spec: found.spec,
        run,
        retry,
        generation,
        ...found.code,
      };
      const outcome = await runner.outcome(task);
      if (outcome !== undefined) {
        this.#become(outcome.state, outcome.reason);
        return undefined;
      }
      this.#become('pending', 'claims the resource');
      this.#mayHoldClaim = true;
      const { claimed: claim, ...trace } = await inAssignmentSpan(
        this.assignment,
        { traceParent, sinceAt },
        () => claims.acquire(name, epoch, this.session),
      );
      this.#mayHoldClaim = claim.kind === 'acquired';
      if (claim.kind === 'held') {
        const reason = `waits for ${claim.by} to stop running it`;
        this.#become('pending', reason, { cause: 'claim' });
        this.#log('info', 'task waits', { reason });
        this.#say('info', reason);
        return { when: claim.gone(this.#end.signal) };
      }
      if (claim.kind === 'moved') {
        // What it is now comes through the feed, if it did not go by already.
        this.#become('pending', 'the assignment has changed');
        return undefined;
      }
      return await inTrace(trace.traceParent, () => this.#run({ ...task, ...trace }));
    } finally {
      leave();
    }
  }

  async #run(task: Task): Promise<Again | undefined> {
    const { signal } = this.#end;
    const tenure: Tenure = { signal, holds: () => !signal.aborted && this.session.alive() };
    this.#become('running', '');
    this.#log('info', 'task started');
    const traceId = task.traceParent?.split('-')[1] ?? '';
    const say = (level: LineLevel, message: string, fields = {}) =>
      this.#say(level, message, fields, traceId);
    say('info', 'taken up', { run: task.run });
    try {
      const outcome = await this.parts.runner.run(task, tenure);
      const reason = (await this.parts.runner.outcome(task))?.reason ?? '';
      this.#log('info', `task ${outcome}`, reason === '' ? {} : { reason });
      if (outcome === 'done' || outcome === 'failed') this.#become(outcome, reason, { endedHere: true });
      else if (outcome === 'superseded') {
        // By a later epoch: then this one's end is on its way. By a process of our name that was paused: take it back.
        this.#become('pending', TAKEN_OVER);
        say('warn', TAKEN_OVER);
        return { when: pause(TAKE_BACK_MS, signal) };
      } else say('info', 'stopped', { reason: String(signal.reason) });
      return undefined;
    } catch (error) {
      const reason = isOrbweaverError(error) ? error.message : 'internal error';
      say('error', 'stopped', { reason: signal.aborted ? String(signal.reason) : reason });
      throw error;
    } finally {
      if (this.#status.state === 'running') this.#become('pending', 'stopped');
      await this.#release();
    }
  }

  /** Until etcd has heard of it: while our lease lives, a claim left behind would keep everyone from the task. */
  async #release(): Promise<void> {
    const { claims } = this.parts;
    for (let failures = 0; this.#mayHoldClaim && !this.session.lost.aborted; failures++) {
      try {
        await claims.release(this.assignment.name, this.session);
        this.#mayHoldClaim = false;
      } catch (error) {
        this.#log('warn', 'claim not released', { error: String(error) });
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures), this.session.lost);
      }
    }
  }

  #become(
    state: TaskState,
    reason: string,
    more: Partial<Pick<TaskStatus, 'cause' | 'endedHere'>> = {},
  ): void {
    const { state: before, reason: reasonBefore, cause: causeBefore } = this.#status;
    const { cause = '' } = more;
    if (state === before && reason === reasonBefore && cause === causeBefore) return;
    const sinceAt = state === before ? this.#status.sinceAt : Date.now();
    this.#status = { state, reason, cause, sinceAt, ...(more.endedHere && { endedHere: true }) };
    if (state !== before) this.parts.onState(state, before);
    this.parts.onChange(this.assignment.name, state !== before);
  }

  #say(level: LineLevel, message: string, fields: object = {}, traceId = ''): void {
    const { name, epoch } = this.assignment;
    this.parts.taskLog.say({ name, epoch, traceId }, level, message, fields);
  }

  #log(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    const { name, epoch } = this.assignment;
    this.parts.logger[level]({ task: name, epoch, ...fields }, message);
  }
}

/** Of what is tried again later. */
const CAUSES: Partial<Record<ErrorCode, PendingCause>> = {
  STORE_UNAVAILABLE: 'store',
  ETCD_UNAVAILABLE: 'etcd',
};

const TAKEN_OVER = 'another worker has taken over the crawl in the store';

/**
 * What another attempt waits for: at its place, or with nothing under way, until it is woken or gives that up. Boxed:
 * a promise that an async function gives is waited for at once.
 */
type Again = { when: Promise<void> } | { afterwards: (wake: () => void) => () => void };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const TAKE_BACK_MS = 3_000;

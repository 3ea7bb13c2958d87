import type { TaskSpec } from '@app/tasks';
import type { Seat } from '../../politeness/gates/host-gate.js';
import type { HostWait } from '../../task/host-wait.js';
import { HostPages } from './host-pages.js';

/** A host of a run: at work with a seat at its gate, or left alone for a while without one. */
export class RunHost {
  readonly pages = new HostPages();
  seat: Seat | undefined;
  /** It waits at the gate for a turn. */
  isWanting = false;
  /** Its robots.txt is being asked for, and not again before. */
  isAsking = false;
  askAgainAt = -Infinity;
  /** Requests of pages. */
  openCount = 0;
  /** Without a seat: until when. */
  parked: { until: number; for: HostWait['for']; reason: string } | undefined;
  /** Scheme and host of the page that was looked at last: what its robots.txt goes by. */
  origin = '';

  /** The trouble with it that the task's log tells of, and does not say the end of. */
  toldOf: 'down' | 'back off' | undefined;
  /** When it had a seat. */
  #failureCount = 0;

  constructor(readonly name: string) {}

  /** Nothing is left to be done at it, as far as is known. */
  get isDone(): boolean {
    return this.pages.isExhausted && this.openCount === 0 && !this.isAsking;
  }

  /** How fast it is asked, as the task and its robots.txt want it. */
  pace({ delayMs, waitTimeMs, concurrency }: TaskSpec): { delayMs: number; concurrency: number } {
    const keptMs = this.seat?.terms.delayMs ?? delayMs;
    return { delayMs: keptMs, concurrency: keptMs > 0 || waitTimeMs > 0 ? 1 : concurrency };
  }

  /** How often in a row it did not answer, or asked for a pause, as far as is known. */
  get failureCount(): number {
    return this.seat?.failureCount ?? this.#failureCount;
  }

  leave(): void {
    this.#failureCount = this.failureCount;
    this.seat?.leave();
    this.seat = undefined;
    this.isWanting = false;
  }

  /** Left alone until then; what was not begun goes back to the frontier. */
  park(until: number, now: number): void {
    const wait = this.seat?.wait(now);
    this.parked = { until, for: wait?.for ?? 'back off', reason: this.seat?.trouble ?? '' };
    this.pages.drop();
    this.leave();
  }

  /** `limitMs`: how long the task's own limits keep it from any request. */
  wait(now: number, limitMs: number): HostWait | undefined {
    const host = this.name;
    if (this.parked !== undefined) {
      const { until, reason } = this.parked;
      return { host, for: this.parked.for, forMs: Math.max(0, until - now), reason };
    }
    const reason = this.seat?.trouble ?? '';
    const wait = this.seat?.wait(now);
    if (wait !== undefined && (this.isWanting || this.isAsking)) return { host, ...wait, reason };
    if (this.isAsking) return { host, for: 'robots', forMs: Math.max(0, this.askAgainAt - now), reason };
    if (this.isWanting || this.pages.head === undefined) return undefined;
    return { host, for: limitMs > 0 ? 'limit' : 'requests', forMs: limitMs, reason: '' };
  }
}

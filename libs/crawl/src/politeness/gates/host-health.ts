import type { HostState } from '../../store/gate-store.js';

/** What came of a request, as far as its host is concerned. */
export type Outcome =
  | { kind: 'served' }
  /** The host asks for a pause: 429, 503. */
  | { kind: 'throttled'; reason: string; retryAfterMs: number | undefined }
  | { kind: 'unreachable'; reason: string }
  /** It was not sent. */
  | { kind: 'unsent' };

export interface Patience {
  /** The circuit of a host opens after so many requests in a row without an answer. */
  openAfter: number;
  /** Before the first probe of an open circuit, and after the first 429 or 503; doubled each time. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** A host is dead after so many probes in vain and so long a time. */
  probes: number;
  deadAfterMs: number;
}

export const PATIENCE: Patience = {
  openAfter: 5,
  firstPauseMs: 1_000,
  longestPauseMs: 300_000,
  probes: 8,
  deadAfterMs: 300_000,
};

/**
 * How much a host can take at present. One that asks for a pause gets it, twice as long each time, and after it
 * a delay that shrinks with each answer. One that does not answer is left alone but for a probe now and then.
 */
export class HostHealth {
  pausedUntil = -Infinity;
  /** On top of the delay that tasks keep. */
  extraDelayMs = 0;
  #state: HostState;
  #troubledAt = -Infinity;

  constructor(
    state: HostState,
    private readonly patience: Patience,
  ) {
    this.#state = state;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Its last word was that it is asked too often. */
  get isThrottled(): boolean {
    return this.#state.failures > 0 && this.#state.downSinceAt === 0;
  }

  /** Its circuit is open. */
  get isDown(): boolean {
    return this.#state.downSinceAt > 0 && this.#state.failures >= this.patience.openAfter;
  }

  /** `wallNow` in milliseconds since 1970. */
  isDead(wallNow: number): boolean {
    const { failures, downSinceAt } = this.#state;
    const { openAfter, probes, deadAfterMs } = this.patience;
    return this.isDown && failures >= openAfter + probes && wallNow - downSinceAt >= deadAfterMs;
  }

  /** Whether anything changed that others should know. */
  report(outcome: Outcome, startedAt: number, now: number, wallNow: number): boolean {
    // An answer to what was sent before the last trouble is no news.
    const isNews = startedAt >= this.#troubledAt;
    if (outcome.kind === 'unsent') return false;
    if (outcome.kind === 'served') return isNews && this.#served();
    if (outcome.kind === 'unreachable') return this.#unreachable(outcome.reason, isNews, now, wallNow);
    // Trouble after trouble makes the pauses longer; trouble after an answer means that it was asked too often.
    if (this.#state.failures === 0) {
      this.extraDelayMs = Math.min(LONGEST_EXTRA_MS, Math.max(FIRST_EXTRA_MS, this.extraDelayMs * 2));
    }
    const failures = this.#state.failures + (isNews ? 1 : 0);
    this.#state = { failures, trouble: outcome.reason, downSinceAt: 0 };
    const retryAfterMs = Math.min(outcome.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
    this.#pause(now, Math.max(retryAfterMs, isNews ? this.#pauseMs(failures) : 0));
    return true;
  }

  #unreachable(reason: string, isNews: boolean, now: number, wallNow: number): boolean {
    const { failures: before, downSinceAt } = this.#state;
    const { openAfter } = this.patience;
    // What was sent at once to open the circuit counts one by one; one probe of an open one counts once.
    const failures = before + (isNews || before < openAfter ? 1 : 0);
    if (failures === before) return false;
    this.#state = { failures, trouble: reason, downSinceAt: downSinceAt || wallNow };
    if (this.isDown) this.#pause(now, this.#pauseMs(failures - openAfter + 1));
    return true;
  }

  #served(): boolean {
    this.extraDelayMs = this.extraDelayMs < SMALLEST_EXTRA_MS ? 0 : this.extraDelayMs * 0.9;
    if (this.#state.failures === 0) return false;
    this.#state = { failures: 0, trouble: '', downSinceAt: 0 };
    return true;
  }

  #pause(now: number, ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + ms);
    this.#troubledAt = now;
  }

  #pauseMs(times: number): number {
    const { firstPauseMs, longestPauseMs } = this.patience;
    return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(times - 1, 30));
  }
}

/** A host may ask for more than we would choose, but not for a day. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const FIRST_EXTRA_MS = 250;
const LONGEST_EXTRA_MS = 10_000;
const SMALLEST_EXTRA_MS = 50;

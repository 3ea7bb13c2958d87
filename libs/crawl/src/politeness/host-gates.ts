import { monotonicClock, type Clock } from './clock.js';

/**
 * One gate for each host, for all tasks of a process: one request at a time, a delay between the starts of
 * two, and a pause for a host in trouble, which doubles with each answer that says so. Who comes first, enters
 * first.
 */
export class HostGates {
  readonly #gates = new Map<string, Gate>();
  readonly #clock: Clock;

  constructor(clock: Clock = monotonicClock) {
    this.#clock = clock;
  }

  /**
   * Resolves when a request may start, and counts as its start; the turn must be ended. Rejects with the
   * signal's reason, the place in the queue is given up then.
   */
  async enter(host: string, delayMs: number, signal: AbortSignal): Promise<Turn> {
    const gate = this.#gate(host);
    const before = gate.tail;
    let leave!: () => void;
    gate.tail = new Promise((resolve) => {
      leave = resolve;
    });
    gate.inside++;
    try {
      await unlessAborted(before, signal);
      // The longer delay of the two tasks: each has promised its own to the host.
      const startAt = Math.max(gate.pausedUntil, gate.lastStartAt + Math.max(delayMs, gate.lastDelayMs));
      for (let leftMs; (leftMs = startAt - this.#clock.now()) > 0;) await this.#clock.wait(leftMs, signal);
      signal.throwIfAborted();
    } catch (error) {
      gate.inside--;
      void before.then(leave);
      throw error;
    }
    gate.lastStartAt = this.#clock.now();
    gate.lastDelayMs = delayMs;
    return {
      end: (outcome) => {
        if (outcome === 'served') gate.failures = 0;
        else if (outcome !== 'abandoned') {
          gate.failures++;
          gate.pausedUntil = this.#clock.now() + pauseMs(gate.failures, outcome.retryAfterMs);
        }
        gate.inside--;
        leave();
      },
    };
  }

  #gate(host: string): Gate {
    let gate = this.#gates.get(host);
    if (gate === undefined) {
      if (this.#gates.size >= MANY) this.#forgetIdle();
      gate = {
        tail: Promise.resolve(),
        inside: 0,
        lastStartAt: -Infinity,
        lastDelayMs: 0,
        pausedUntil: -Infinity,
        failures: 0,
      };
      this.#gates.set(host, gate);
    }
    return gate;
  }

  /** A gate whose last delay and pause are over says nothing that a new one does not. */
  #forgetIdle(): void {
    const now = this.#clock.now();
    for (const [host, gate] of this.#gates) {
      const quietAt = Math.max(gate.pausedUntil, gate.lastStartAt + gate.lastDelayMs) + KEPT_MS;
      if (gate.inside === 0 && quietAt < now) this.#gates.delete(host);
    }
  }
}

export interface Turn {
  /** Exactly once. */
  end(outcome: 'served' | 'abandoned' | Trouble): void;
}

/** The host asked for a pause (of so many milliseconds, if it said so) or did not answer. */
export interface Trouble {
  retryAfterMs: number | undefined;
}

interface Gate {
  /** Resolves when the last one in the queue has left. */
  tail: Promise<void>;
  inside: number;
  lastStartAt: number;
  lastDelayMs: number;
  pausedUntil: number;
  /** Troubles in a row. */
  failures: number;
}

const MANY = 1_000;
const KEPT_MS = 600_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** A host may ask for more than we would choose, but not for a day. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

function pauseMs(failures: number, retryAfterMs = 0): number {
  const ownMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(ownMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    const pass = (): void => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(pass);
  });
}

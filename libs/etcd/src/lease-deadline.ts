/** Milliseconds on a clock that never steps; only differences mean something. */
export interface Clock {
  now(): number;
}

const SHORTEST_MARGIN_MS = 100;
const LONGEST_MARGIN_MS = 3_000;

/**
 * When a lease's holder has to consider it gone, without asking anyone.
 *
 * etcd counts a lease's time from when it handles the grant or keep-alive, which is after that was sent. So
 * "sent + TTL" on our clock is never later than the end on etcd's, if the two clocks run equally fast and the
 * machine is not suspended as a whole (a monotonic clock stands still then). The margin, a tenth of the TTL within
 * 100 ms and 3 s, is the time the holder has to stop what it does; it covers clock drift many times over.
 */
export class LeaseDeadline {
  #endsAt: number;

  constructor(
    readonly ttlMs: number,
    readonly clock: Clock,
    sentAt: number,
  ) {
    this.#endsAt = this.#countedFrom(sentAt);
  }

  get marginMs(): number {
    return marginMs(this.ttlMs);
  }

  /** A keep-alive that was sent then has been answered. Answers may come in any order. */
  renewed(sentAt: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#countedFrom(sentAt));
  }

  /** Not above 0: over. */
  remainingMs(): number {
    return this.#endsAt - this.clock.now();
  }

  #countedFrom(sentAt: number): number {
    return sentAt + this.ttlMs - this.marginMs;
  }
}

export function marginMs(ttlMs: number): number {
  return Math.min(LONGEST_MARGIN_MS, Math.max(SHORTEST_MARGIN_MS, ttlMs / 10));
}

import type { RateLimit } from '@app/tasks';

/** The rate limits of one task: an event needs a token of every bucket. */
export class RateLimits {
  readonly #buckets: { limit: RateLimit; tokens: number }[];
  #countedAt: number;

  /** Empty for a task that ran before: nobody knows how much of them was used. */
  constructor(limits: readonly RateLimit[], now: number, fill: 'full' | 'empty') {
    this.#buckets = limits.map((limit) => ({ limit, tokens: fill === 'full' ? limit.bucket : 0 }));
    this.#countedAt = now;
  }

  /** How long until an event may happen; 0 when it may now. */
  waitMs(now: number): number {
    this.#refill(now);
    const waits = this.#buckets.map(({ limit, tokens }) =>
      tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * limit.perMs) / limit.events),
    );
    return Math.max(0, ...waits);
  }

  /** Counts an event, which `waitMs` has to have allowed. */
  take(now: number): void {
    this.#refill(now);
    for (const bucket of this.#buckets) bucket.tokens--;
  }

  /** Takes an event back that did not happen. */
  giveBack(): void {
    for (const bucket of this.#buckets) bucket.tokens = Math.min(bucket.limit.bucket, bucket.tokens + 1);
  }

  #refill(now: number): void {
    const passedMs = now - this.#countedAt;
    if (passedMs <= 0) return;
    this.#countedAt = now;
    for (const bucket of this.#buckets) {
      const { events, perMs, bucket: most } = bucket.limit;
      bucket.tokens = Math.min(most, bucket.tokens + (passedMs * events) / perMs);
    }
  }
}

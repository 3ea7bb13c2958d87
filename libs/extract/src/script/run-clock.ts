import { readFileSync } from 'node:fs';
import { PATIENCE_MS } from './script-request.js';

/**
 * How long a script has run: time of the processor, where the system tells it, and without what the host did for
 * it. By the clock it may take longer, but not for ever.
 */
export class RunClock {
  readonly #startedAt = performance.now();
  readonly #usedBefore = usedByThreadMs();
  #hostMs = 0;

  constructor(private readonly timeoutMs: number) {}

  get isLate(): boolean {
    const passedMs = performance.now() - this.#startedAt;
    if (passedMs - this.#hostMs <= this.timeoutMs) return false;
    if (passedMs > this.timeoutMs + PATIENCE_MS || this.#usedBefore === undefined) return true;
    return (usedByThreadMs() ?? Infinity) - this.#usedBefore - this.#hostMs > this.timeoutMs;
  }

  /** Does something for the script. */
  host<Value>(work: () => Value): Value {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      this.#hostMs += performance.now() - startedAt;
    }
  }
}

/** Linux counts it for each thread, in nanoseconds; Node 20 has no call for it. */
function usedByThreadMs(): number | undefined {
  try {
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6;
  } catch {
    return undefined;
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { isOrbweaverError } from '@app/errors';

const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/** Growing, jittered waits between attempts: 50 ms at first, 1 s at most. */
export class Backoff {
  #nextMs = FIRST_MS;

  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  /** Ends early, without an error, when the signal fires. */
  async wait(signal: AbortSignal): Promise<void> {
    const waitMs = this.#nextMs * (0.5 + Math.random() / 2);
    this.#nextMs = Math.min(LONGEST_MS, this.#nextMs * 2);
    await pause(waitMs, signal);
  }
}

/** A wait that ends early, without an error, when the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Repeats what may be repeated (a read, or a write that does nothing the second time) until etcd answers. Any
 * other error, and the unavailability that a fired signal ends, goes to the caller.
 */
export async function whenAvailable<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !isOrbweaverError(error, 'ETCD_UNAVAILABLE')) throw error;
      await backoff.wait(signal);
    }
  }
}

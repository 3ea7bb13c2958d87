import { setTimeout as delay } from 'node:timers/promises';

/** Time as politeness knows it: only differences mean something. */
export interface Clock {
  now(): number;
  /** Rejects with the signal's reason when it fires before. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const monotonicClock: Clock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  },
};

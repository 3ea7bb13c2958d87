import { isOrbweaverError } from '@app/errors';
import type { Timer } from '../../politeness/timer.js';
import type { HostWait } from '../../task/host-wait.js';
import type { Tenure } from '../../task/task-runner.js';

export interface StoreLineParts {
  timer: Timer;
  tenure: Tenure;
  /** The store does not answer; the call is made again. */
  troubled: (error: unknown) => void;
}

/** Calls of a run to its store, which may be away for a while. */
export class StoreLine {
  #failures = 0;
  #trouble = '';
  /** Not before this is the store asked again. */
  tryAt = -Infinity;

  constructor(private readonly parts: StoreLineParts) {}

  /** Why the run waits for its store, while it does. */
  wait(): HostWait | undefined {
    if (this.#failures === 0) return undefined;
    const forMs = Math.max(0, this.tryAt - this.parts.timer.now());
    return { host: '', for: 'store', forMs, reason: this.#trouble };
  }

  /** One attempt. Undefined when the store does not answer; rejects with what waiting does not help against. */
  async ask<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await call();
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (!isLater(error)) throw error;
      this.#trouble = error instanceof Error ? error.message : String(error);
      this.tryAt = this.parts.timer.now() + pauseMs(this.#failures++);
      this.parts.troubled(error);
      return undefined;
    }
  }

  /** As many attempts as it takes; undefined when the tenure ends before. */
  async insist<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; this.parts.tenure.holds(); failures++) {
      try {
        return await call();
      } catch (error) {
        if (!isLater(error)) throw error;
        this.parts.troubled(error);
        await this.#pause(pauseMs(failures));
      }
    }
    return undefined;
  }

  #pause(ms: number): Promise<void> {
    const { timer, tenure } = this.parts;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        tenure.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = timer.after(ms, done);
      tenure.signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** Whether the same call may go well after a while. */
export function isLater(error: unknown): boolean {
  return isOrbweaverError(error) && error.retry === 'later';
}

export function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

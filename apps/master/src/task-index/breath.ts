import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets long work give way: to all else that waits, after each slice of a few milliseconds. */
export class Breath {
  private sinceMs = performance.now();

  /** Whether it is time to `take` one. */
  get isDue(): boolean {
    return performance.now() - this.sinceMs >= SLICE_MS;
  }

  async take(): Promise<void> {
    await nextTurn();
    this.sinceMs = performance.now();
  }
}

const SLICE_MS = 5;

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets long work give way: to all else that waits, after each slice of a few milliseconds. */
export class Breath {
  private sinceMs = performance.now();
  private pastMs = 0;

  /** How long was worked, without what others did meanwhile. */
  get workedMs(): number {
    return this.pastMs + performance.now() - this.sinceMs;
  }

  /** Whether it is time to `take` one. */
  get isDue(): boolean {
    return performance.now() - this.sinceMs >= SLICE_MS;
  }

  async take(): Promise<void> {
    this.pastMs = this.workedMs;
    await nextTurn();
    this.sinceMs = performance.now();
  }
}

const SLICE_MS = 5;

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets long work give way: to all else that waits, after each slice of a few milliseconds. */
export class Breath {
  private sinceMs: number;
  private pastMs = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.sinceMs = now();
  }

  /** How long was worked, without what others did meanwhile. */
  get workedMs(): number {
    return this.pastMs + this.now() - this.sinceMs;
  }

  /** Whether it is time to `take` one. */
  get isDue(): boolean {
    return this.now() - this.sinceMs >= SLICE_MS;
  }

  async take(): Promise<void> {
    this.pastMs = this.workedMs;
    await nextTurn();
    this.sinceMs = this.now();
  }
}

const SLICE_MS = 5;

import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, Failure } from '../failure.js';

const STEP_MS = 40;

/** Asks again and again until the answer is true. Throws at the deadline, and when the signal aborts. */
export async function until(
  condition: () => Promise<boolean>,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Failure(EXIT.failed, `It did not become ready within ${withinMs / 1000} s.`);
    }
    await delay(STEP_MS, undefined, { signal });
  }
}

import { setTimeout as delay } from 'node:timers/promises';

/** Waits, or returns early when the signal fires: a loop looks at its signal anyway. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

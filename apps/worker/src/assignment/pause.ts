import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Ends early, without an error, when the signal fires; without a time, not before. */
export async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  if (ms === undefined) await once(signal, 'abort');
  else {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

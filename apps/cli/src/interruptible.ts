import { EXIT, Failure } from './failure.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Work that leaves something to clear away: its signal fires on Ctrl-C, and then it is to end by throwing the reason. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort(new Failure(EXIT.interrupted, 'Interrupted.'));
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    return await work(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, end);
  }
}

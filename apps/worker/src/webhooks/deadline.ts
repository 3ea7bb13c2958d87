/**
 * Runs something under a signal that also fires when its time is over. Not by AbortSignal.timeout: one that is only
 * a part of AbortSignal.any is never heard of again once the garbage collector of Node 20 has passed.
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${ms / 1_000} s`)), ms);
  try {
    return await act(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is awaited, for the error: "the key is gone". */
  what: string;
  timeoutMs?: number;
  everyMs?: number;
}

/**
 * Waits until `condition` gives something other than `undefined`, `null` or `false`, and returns that. When
 * the time is over it throws, naming what was awaited and the last error or value that stood in the way.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 30_000, everyMs = 10 }: UntilOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const deadlineAt = performance.now() + timeoutMs;
  let last: { value: unknown } | { error: unknown } = { value: undefined };
  // Looks once more when the time is over: a process that stood still has looked too seldom.
  for (let isLast = false; !isLast;) {
    isLast = performance.now() >= deadlineAt;
    try {
      const value = await within(condition(), deadlineAt);
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
      last = { value };
    } catch (error) {
      last = { error };
    }
    if (!isLast) await delay(everyMs);
  }
  throw new Error(`waited ${timeoutMs} ms in vain until ${what} (last: ${describeLast(last)})`, {
    cause: 'error' in last ? last.error : undefined,
  });
}

/** The promise's value, or an error that names what was awaited when it takes longer than `timeoutMs`. */
export async function settled<T>(
  promise: Promise<T>,
  { what, timeoutMs = 30_000 }: { what: string; timeoutMs?: number },
): Promise<T> {
  const cancel = new AbortController();
  const tooLate = delay(timeoutMs, undefined, { signal: cancel.signal }).then(
    () => Promise.reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    cancel.abort();
  }
}

const SHORTEST_CHECK_MS = 1_000;

async function within<T>(value: T | Promise<T>, deadlineAt: number): Promise<T> {
  if (!(value instanceof Promise)) return value;
  return settled(value, {
    what: 'one check',
    timeoutMs: Math.max(SHORTEST_CHECK_MS, deadlineAt - performance.now()),
  });
}

function describeLast(last: { value: unknown } | { error: unknown }): string {
  return 'error' in last ? String(last.error) : String(last.value);
}

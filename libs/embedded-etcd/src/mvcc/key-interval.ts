/**
 * etcd's way to name keys: no end means the one key, an end of one zero byte means all keys from `key` on,
 * anything else is the half-open interval [key, end).
 */
export interface KeyInterval {
  readonly key: string;
  /** `undefined`: the one key. `''`: no upper bound. */
  readonly end: string | undefined;
}

const FROM_KEY = '\0';

export function interval(key: string, rangeEnd: string): KeyInterval {
  return { key, end: rangeEnd === '' ? undefined : rangeEnd === FROM_KEY ? '' : rangeEnd };
}

export function contains(interval: KeyInterval, key: string): boolean {
  const { key: first, end } = interval;
  if (end === undefined) return key === first;
  return key >= first && (end === '' || key < end);
}

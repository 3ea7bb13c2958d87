import type { Write } from './change.js';
import { keys } from './keys.js';

/** The specs that a resource had before its present one: the last ten, beside it in etcd. */
export interface ReplacedSpec {
  /** Empty where it had none. */
  readonly spec: string;
  readonly replacedAt: Date;
  /** Which put the replaced spec; 0n where there was none. */
  readonly revision: bigint;
}

export const MAX_REPLACED_SPECS = 10;

/** What the transaction that replaces a spec does besides: it is kept, and what is older than the last ten goes. */
export function keepReplaced(
  name: string,
  { spec, replacedAt, revision }: ReplacedSpec,
  /** In order. */
  keptKeys: readonly string[],
): Write[] {
  const key = keys.replacedSpec(name, revision);
  const value = JSON.stringify({ spec, replacedAt: replacedAt.toISOString() });
  const others = keptKeys.filter((kept) => kept !== key);
  const beyond = others.slice(0, Math.max(0, others.length + 1 - MAX_REPLACED_SPECS));
  return [{ key, value }, ...beyond.map((gone) => ({ key: gone }))];
}

/** Undefined for what is not ours. */
export function decodeReplacedSpec(key: string, value: string): ReplacedSpec | undefined {
  const digits = key.slice(key.lastIndexOf('/') + 1);
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    return undefined;
  }
  const { spec, replacedAt } = (read ?? {}) as Partial<Record<string, unknown>>;
  if (!/^\d{1,20}$/.test(digits) || typeof spec !== 'string' || typeof replacedAt !== 'string')
    return undefined;
  const at = new Date(replacedAt);
  return isNaN(at.getTime()) ? undefined : { spec, replacedAt: at, revision: BigInt(digits) };
}

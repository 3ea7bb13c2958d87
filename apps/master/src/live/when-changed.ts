import { pause } from '../leadership/pause.js';
import type { Pulse } from './pulse.js';

export interface Made<T> {
  readonly value: T;
  /** Of the pulse: what the value already knows of. */
  readonly version: number;
}

export interface Making<T> {
  /** Undefined: there is nothing more to tell. */
  readonly make: () => Promise<Made<T> | undefined> | Made<T>;
  /** Two values with the same bytes are the same. */
  readonly encode: (value: T) => Uint8Array;
  readonly pulse: Pulse;
  /** Between the beginnings of two values. */
  readonly gapMs: number;
  /** It is made again after that time even if the pulse is still. */
  readonly idleMs: number;
}

/** A value now, and whenever it is another. */
export async function* whenChanged<T>(
  { make, encode, pulse, gapMs, idleMs }: Making<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let before: Uint8Array | undefined;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const made = await make();
    if (made === undefined) return;
    const bytes = encode(made.value);
    if (before === undefined || Buffer.compare(bytes, before) !== 0) {
      before = bytes;
      yield made.value;
    }
    await pause(Math.max(0, startedAt + gapMs - performance.now()), signal);
    await pulse.since(made.version, signal, idleMs);
  }
}

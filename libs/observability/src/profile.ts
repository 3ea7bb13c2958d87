import { setTimeout as delay } from 'node:timers/promises';
import { OrbweaverError } from '@app/errors';

/** Profiles in pprof's gzipped protobuf. The native profiler is loaded by the first that needs it. */
export type ProfileKind = 'cpu' | 'heap';

export const MAX_PROFILE_SECONDS = 300;

const SAMPLE_INTERVAL_MICROS = 10_000;
const HEAP_SAMPLE_BYTES = 512 * 1024;
const HEAP_STACK_DEPTH = 64;

let profiling = false;

/** `seconds` are of `cpu` alone; at the signal it ends early with what it has. */
export async function takeProfile(
  kind: ProfileKind,
  seconds: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return kind === 'heap' ? heapProfile() : cpuProfile(seconds, signal);
}

/** Begins to sample allocations, once. Costs little; a heap profile knows only what was allocated since. */
export function startHeapSampling(): Promise<void> {
  sampling ??= import('@datadog/pprof').then(({ heap }) => heap.start(HEAP_SAMPLE_BYTES, HEAP_STACK_DEPTH));
  return sampling;
}

let sampling: Promise<void> | undefined;

/** One at a time in a process: RESOURCE_EXHAUSTED while another is taken. */
async function cpuProfile(seconds: number, signal: AbortSignal): Promise<Uint8Array> {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_PROFILE_SECONDS) {
    const right = `seconds must be a whole number from 1 to ${MAX_PROFILE_SECONDS}`;
    throw new OrbweaverError('INVALID_ARGUMENT', right);
  }
  if (profiling) {
    throw new OrbweaverError(
      'RESOURCE_EXHAUSTED',
      'another CPU profile is being taken; try again when it is done',
    );
  }
  profiling = true;
  try {
    const { encode, time } = await import('@datadog/pprof');
    time.start({ collectCpuTime: true, withContexts: true, intervalMicros: SAMPLE_INTERVAL_MICROS });
    await delay(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined);
    return await encode(time.stop());
  } finally {
    profiling = false;
  }
}

async function heapProfile(): Promise<Uint8Array> {
  await startHeapSampling();
  const { encode, heap } = await import('@datadog/pprof');
  return encode(heap.profile());
}

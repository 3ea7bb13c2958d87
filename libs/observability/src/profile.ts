import { setTimeout as delay } from 'node:timers/promises';

/** Profiles in pprof's gzipped protobuf. The native profiler is loaded by the first that is asked for. */
export const MAX_PROFILE_SECONDS = 300;

const SAMPLE_INTERVAL_MICROS = 10_000;
const HEAP_SAMPLE_BYTES = 512 * 1024;
const HEAP_STACK_DEPTH = 64;

let profiling = false;

/** One at a time in a process: undefined while another is taken. An aborted one ends early with what it has. */
export async function cpuProfile(seconds: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (profiling) {
    return undefined;
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

/** Begins to sample allocations, once. Costs little; a heap profile knows only what was allocated since. */
export function startHeapSampling(): Promise<void> {
  sampling ??= import('@datadog/pprof').then(({ heap }) => heap.start(HEAP_SAMPLE_BYTES, HEAP_STACK_DEPTH));
  return sampling;
}

let sampling: Promise<void> | undefined;

export async function heapProfile(): Promise<Uint8Array> {
  await startHeapSampling();
  const { encode, heap } = await import('@datadog/pprof');
  return encode(heap.profile());
}

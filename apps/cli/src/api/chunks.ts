import { EXIT, Failure } from '../failure.js';

interface ChunkOptions {
  /** A body that is silent for so long, as that of a master which vanished without a word, has broken off. */
  readonly silentMs: number;
  /** What to tell when it breaks off. */
  readonly gone: string;
  readonly signal?: AbortSignal | undefined;
}

/** The bytes of a body, up to its end. One that breaks off is a Failure. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  { silentMs, gone, signal }: ChunkOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silentMs, signal);
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(EXIT.unavailable, gone, { cause: error });
  } finally {
    // Nobody listens any more; that it cannot be told so changes nothing.
    reader.cancel().catch(() => {});
  }
}

async function within<T>(read: Promise<T>, silentMs: number, signal?: AbortSignal): Promise<T> {
  let end = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    const silent = new Failure(EXIT.unavailable, `The master has said nothing for ${silentMs / 1000} s.`);
    timer = setTimeout(reject, silentMs, silent);
    end = () => reject(signal?.reason);
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
  });
  try {
    return await Promise.race([read, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

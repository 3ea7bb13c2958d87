import { EXIT, Failure } from '../failure.js';

/**
 * The bytes of a body, up to its end. One that breaks off is a Failure with these words; so is one that is silent
 * for so long, as that of a master which vanished without a word.
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  silentMs: number,
  gone: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silentMs);
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

async function within<T>(read: Promise<T>, silentMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const silent = new Failure(EXIT.unavailable, `The master has said nothing for ${silentMs / 1000} s.`);
    timer = setTimeout(reject, silentMs, silent);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { worker as proto } from '@app/proto';

/**
 * A file in pieces that messages can hold, its head first. Where few of many items are wanted it may be long until
 * the next comes: an empty piece now and then says that the work goes on.
 */
export async function* chunksOf(
  file: AsyncGenerator<Uint8Array>,
  head: { contentType: string; fileName: string },
  signal: AbortSignal,
  signMs = SIGN_MS,
): AsyncGenerator<proto.ExportChunk> {
  yield { ...head, data: Buffer.alloc(0) };
  for await (const part of withSigns(file, signMs)) {
    for (let start = 0; start === 0 || start < part.length; start += MAX_CHUNK_BYTES) {
      signal.throwIfAborted();
      const data = Buffer.from(part.buffer, part.byteOffset, part.length).subarray(
        start,
        start + MAX_CHUNK_BYTES,
      );
      yield { contentType: '', fileName: '', data };
    }
  }
}

const MAX_CHUNK_BYTES = 256 << 10;
/** Well within what a master waits for. */
const SIGN_MS = 5_000;

async function* withSigns(file: AsyncGenerator<Uint8Array>, everyMs: number): AsyncGenerator<Uint8Array> {
  const nothing = new Uint8Array();
  const sign = () => delay(everyMs, { done: false, value: nothing } as const, { ref: false });
  try {
    for (let part = file.next(), tick = sign(); ;) {
      const { done, value } = await Promise.race([part, tick]);
      if (done) return;
      yield value;
      if (value === nothing) tick = sign();
      else part = file.next();
    }
  } finally {
    await file.return(undefined);
  }
}

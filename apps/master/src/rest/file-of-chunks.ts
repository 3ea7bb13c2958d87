import type { worker } from '@app/proto';
import { RestFile } from '@app/transport';

/** Its first chunk is there, and names it. */
export async function fileOfChunks(chunks: AsyncIterable<worker.ExportChunk>): Promise<RestFile> {
  const rest = chunks[Symbol.asyncIterator]();
  const first = await rest.next();
  const { contentType, fileName } = first.done ? UNNAMED : first.value;
  return new RestFile(contentType, fileName, bytes(first, rest));
}

const UNNAMED = { contentType: 'application/octet-stream', fileName: 'file' };

async function* bytes(
  first: IteratorResult<worker.ExportChunk>,
  rest: AsyncIterator<worker.ExportChunk>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) {
      if (next.value.data.length > 0) yield next.value.data;
    }
  } finally {
    await rest.return?.();
  }
}

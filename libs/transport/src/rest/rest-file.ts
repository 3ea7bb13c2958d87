import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** What a REST route answers with that gives bytes instead of a message. */
export class RestFile {
  constructor(
    readonly contentType: string,
    readonly fileName: string,
    /** Taken only as fast as the caller reads. What it throws breaks the answer, so that nobody takes it for whole. */
    readonly bytes: AsyncIterable<Uint8Array>,
  ) {}
}

/** `ended` is called once: with what broke it, or with undefined when the caller has it all. */
export function streamed({ contentType, fileName, bytes }: RestFile, ended: (error?: unknown) => void) {
  const stream = Readable.from(bytes, { objectMode: false, highWaterMark: HIGH_WATER_MARK });
  stream.once('close', () => ended(stream.errored ?? (stream.readableEnded ? undefined : GONE)));
  return new StreamableFile(stream, {
    type: contentType,
    disposition: `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
  });
}

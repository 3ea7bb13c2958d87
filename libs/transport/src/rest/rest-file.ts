import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { OrbweaverError } from '@app/errors';

/** What a REST route answers with that gives a file instead of a message. */
export class RestFile {
  constructor(
    readonly contentType: string,
    readonly fileName: string,
    /**
     * Taken only as fast as the caller reads. What it throws breaks the connection, so that nobody takes for whole
     * what is not.
     */
    readonly bytes: AsyncIterable<Uint8Array>,
  ) {}
}

/** What the reply sends. `ended` is told what broke it, or nothing when all was sent. */
export function fileStream(
  { contentType, fileName, bytes }: RestFile,
  reply: FastifyReply,
  ended: (error?: unknown) => void,
): Readable {
  const ascii = fileName.replace(/[^\w.-]/g, '_');
  void reply
    .type(contentType)
    .header(
      'content-disposition',
      `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
    );
  const stream = Readable.from(bytes, { objectMode: false, highWaterMark: HIGH_WATER_MARK });
  stream.once('close', () => ended(stream.errored ?? (stream.readableEnded ? undefined : callerGone())));
  return stream;
}

const HIGH_WATER_MARK = 256 * 1024;

function callerGone(): OrbweaverError {
  return new OrbweaverError('CANCELLED', 'the caller has gone');
}

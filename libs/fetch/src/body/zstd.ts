import { Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** Zstandard: node's own where there is one (from 22.15). With `isCut` it is no error that the end is missing. */
export function createZstdDecompress(isCut: boolean): Transform {
  const { createZstdDecompress: create, constants } = zlib as ZlibOfLaterNodes;
  if (create === undefined) return new ZstdDecompress(isCut);
  return create(isCut ? { finishFlush: constants.ZSTD_e_flush } : undefined);
}

interface ZlibOfLaterNodes {
  createZstdDecompress?: (options?: { finishFlush: number | undefined }) => Transform;
  constants: { ZSTD_e_flush?: number };
}

class ZstdDecompress extends Transform {
  readonly #decompress = new Decompress((data) => this.push(data));
  /** The end of the chunk before, where a header may have begun. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(private readonly isCut: boolean) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const seen = Buffer.concat([this.#tail, chunk]);
    this.#tail = seen.subarray(Math.max(0, seen.length - LONGEST_HEADER + 1));
    if (hasLargeWindow(seen)) done(new Error('the compressed body asks for too much memory'));
    else this.#push(chunk, false, done);
  }

  override _flush(done: TransformCallback): void {
    if (this.isCut) done();
    else this.#push(new Uint8Array(0), true, done);
  }

  #push(chunk: Uint8Array, isLast: boolean, done: TransformCallback): void {
    try {
      this.#decompress.push(chunk, isLast);
    } catch (error) {
      return done(new Error('the compressed body is damaged', { cause: error }));
    }
    done();
  }
}

/**
 * Whether what may be a frame's header asks for a window above 8 MiB, more than HTTP allows (RFC 9659). Looks for
 * headers everywhere, for a body may have many frames.
 */
function hasLargeWindow(data: Buffer): boolean {
  for (let at = data.indexOf(MAGIC); at !== -1; at = data.indexOf(MAGIC, at + 1)) {
    const flags = data[at + 4] ?? 0;
    if ((flags & 0x20) === 0) {
      const descriptor = data[at + 5] ?? 0;
      if (2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8) > MAX_WINDOW) return true;
    } else if (contentSize(data.subarray(at + 4)) > MAX_WINDOW) {
      // Without a window the frame's content is held as a whole.
      return true;
    }
  }
  return false;
}

/** Of a header from its flags on (RFC 8878, 3.1.1.1), which has no window. */
function contentSize(data: Buffer): number {
  const header = Buffer.alloc(LONGEST_HEADER);
  data.copy(header);
  const flags = header.readUInt8(0);
  const at = 1 + ([0, 1, 2, 4][flags & 3] ?? 0);
  switch (flags >> 6) {
    case 0:
      return header.readUInt8(at);
    case 1:
      return header.readUInt16LE(at) + 256;
    case 2:
      return header.readUInt32LE(at);
    default:
      return Number(header.readBigUInt64LE(at));
  }
}

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Magic, flags, dictionary id, content size. */
const LONGEST_HEADER = 4 + 1 + 4 + 8;
const MAX_WINDOW = 8 << 20;

import { pipeline, Readable, type Transform } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib';
import type { TimeLimit } from '../time-limit.js';
import type { BodyShare } from './body-memory.js';
import { createZstdDecompress } from './zstd.js';

/** What a request says that it takes. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** In the order in which they were applied; undefined when one is not known, or there are too many. */
export function parseCodings(header: string): Coding[] | undefined {
  const codings: Coding[] = [];
  for (const name of header.toLowerCase().split(',')) {
    const coding = CODINGS[name.trim()];
    if (coding === undefined) return undefined;
    if (coding !== 'identity') codings.push(coding);
  }
  return codings.length <= MAX_LAYERS ? codings : undefined;
}

const MAX_LAYERS = 3;

const CODINGS: Readonly<Record<string, Coding | 'identity' | undefined>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

export interface DecodeTerms {
  /** What comes out is at most one byte longer: that tells that there is more. */
  maxBytes: number;
  /** The end of the body is missing, and that is fine. */
  isCut: boolean;
  memory: BodyShare;
  limit: TimeLimit;
}

/** A body without its codings. */
export async function decode(body: Buffer, codings: readonly Coding[], terms: DecodeTerms): Promise<Buffer> {
  return decodeSmall(body, codings, terms) ?? (await decodeLarge(body, codings, terms));
}

/** Most pages: a trip to the thread pool would take longer than the work. Undefined when this is not for here. */
function decodeSmall(
  body: Buffer,
  codings: readonly Coding[],
  { maxBytes, isCut }: DecodeTerms,
): Buffer | undefined {
  if (isCut || body.length > SMALL_BYTES) return undefined;
  const options = { maxOutputLength: Math.min(maxBytes, SMALL_OUTPUT_BYTES) };
  let content = body;
  for (const coding of codings.toReversed()) {
    const decodeSync = coding === 'deflate' && isRawDeflate(content) ? inflateRawSync : SYNC[coding];
    if (decodeSync === undefined) return undefined;
    try {
      content = decodeSync(content, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
      throw error;
    }
  }
  return content;
}

const SMALL_BYTES = 64 << 10;
const SMALL_OUTPUT_BYTES = 1 << 20;

async function decodeLarge(
  body: Buffer,
  codings: readonly Coding[],
  { maxBytes, isCut, memory, limit }: DecodeTerms,
): Promise<Buffer> {
  const decoders = codings.toReversed().map((coding, index) => {
    // Of what comes out of another decoder the first bytes are not known yet; nobody sends that.
    if (coding === 'deflate' && index === 0 && isRawDeflate(body))
      return createInflateRaw(zlibOptions(isCut));
    return STREAMS[coding](isCut);
  });
  const last = decoders.at(-1);
  if (last === undefined) return body;
  // An error of any part reaches the reader through the last one.
  pipeline([Readable.from(slices(body)), ...decoders], () => {});
  let goOn = (): void => {};
  limit.stops(() => {
    last.destroy(new Error('stopped'));
    goOn();
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of last as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes + 1 - bytes));
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    await new Promise<void>((resolve) => {
      goOn = resolve;
      if (memory.grow(chunk.length, resolve)) resolve();
    });
  }
  return Buffer.concat(chunks);
}

function* slices(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

const SLICE_BYTES = 16 << 10;

/** Some servers mean the bare format by `deflate`: without zlib's two bytes, a multiple of 31. */
function isRawDeflate(body: Buffer): boolean {
  return body.length >= 2 && (body.readUInt8(0) % 16 !== 8 || body.readUInt16BE(0) % 31 !== 0);
}

const SYNC: Readonly<Partial<Record<Coding, typeof gunzipSync>>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

const STREAMS: Readonly<Record<Coding, (isCut: boolean) => Transform>> = {
  gzip: (isCut) => createGunzip(zlibOptions(isCut)),
  deflate: (isCut) => createInflate(zlibOptions(isCut)),
  br: (isCut) =>
    createBrotliDecompress(isCut ? { finishFlush: constants.BROTLI_OPERATION_FLUSH } : undefined),
  zstd: createZstdDecompress,
};

/** With which a body that is cut off is no error. */
function zlibOptions(isCut: boolean): ZlibOptions | undefined {
  return isCut ? { finishFlush: constants.Z_SYNC_FLUSH } : undefined;
}

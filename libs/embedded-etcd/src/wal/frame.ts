import { crc32 } from 'node:zlib';

/**
 * The unit of both files: what is written together stands or falls together.
 *
 *     u32 length | u32 CRC of the payload | u64 index | u32 CRC of these 16 bytes | payload
 *
 * The header has a checksum of its own, so that a length that was damaged is not taken for a file that ends too
 * early. All numbers are big-endian.
 */
export const FRAME_HEADER_BYTES = 20;

export function frame(index: bigint, payload: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), ...payload]);
  const body = bytes.subarray(FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(body.length, 0);
  bytes.writeUInt32BE(crc32(body), 4);
  bytes.writeBigUInt64BE(index, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 16)), 16);
  return bytes;
}

export interface Frame {
  readonly index: bigint;
  readonly payload: Buffer;
  /** Where the next one starts. */
  readonly end: number;
}

/** What stands where a frame should. */
export interface Fault {
  readonly fault: string;
  /** Whether a write that was cut off explains it. */
  readonly torn: boolean;
}

/** The frame at an offset before the end of the file. */
export function readFrame(file: Buffer, offset: number): Frame | Fault {
  const start = offset + FRAME_HEADER_BYTES;
  if (start > file.length) return { fault: 'the file ends inside of a frame header', torn: true };
  if (file.readUInt32BE(offset + 16) !== crc32(file.subarray(offset, offset + 16))) {
    return { fault: 'a frame header has a wrong checksum', torn: isZero(file.subarray(offset)) };
  }
  const end = start + file.readUInt32BE(offset);
  if (end > file.length) return { fault: 'the file ends inside of a frame', torn: true };
  const payload = file.subarray(start, end);
  if (file.readUInt32BE(offset + 4) !== crc32(payload)) {
    const last = isZero(file.subarray(end));
    return { fault: 'a frame has a wrong checksum', torn: last && hasEmptySector(file, offset, end) };
  }
  return { index: file.readBigUInt64BE(offset + 8), payload, end };
}

/** A disk writes whole sectors: one that was never written, in a file that was made longer, reads as zeros. */
const SECTOR_BYTES = 512;

function hasEmptySector(file: Buffer, from: number, to: number): boolean {
  for (let start = from; start < to;) {
    const end = Math.min(to, start - (start % SECTOR_BYTES) + SECTOR_BYTES);
    if (isZero(file.subarray(start, end))) return true;
    start = end;
  }
  return false;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

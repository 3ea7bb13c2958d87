import { close, fdatasync, open, writeSync } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LogEntry } from '../replica/replica.js';
import { damaged } from './damage.js';
import { frame, readFrame } from './frame.js';

/**
 * A log of operations: after a magic number, a frame for each batch, which holds its entries one after the other
 * (u8 code, u32 length, payload) and the index of the first one. Only the last frame of the last log can have
 * been cut off by a crash, since the one before it was synced before it was begun.
 */
const MAGIC = Buffer.from('OWETLOG1', 'latin1');
const ENTRY_HEADER_BYTES = 5;

const openFile = promisify(open);
const sync = promisify(fdatasync);
const closeFile = promisify(close);

export class LogFile {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    private size: number,
  ) {}

  /** The caller syncs the directory. */
  static async create(path: string): Promise<LogFile> {
    const descriptor = await openFile(path, 'w', 0o600);
    writeSync(descriptor, MAGIC, 0, MAGIC.length, 0);
    await sync(descriptor);
    return new LogFile(path, descriptor, MAGIC.length);
  }

  /** Goes on behind what was read. */
  static async reopen(path: string, size: number): Promise<LogFile> {
    return new LogFile(path, await openFile(path, 'r+'), size);
  }

  get sizeBytes(): number {
    return this.size;
  }

  async append(firstIndex: bigint, entries: readonly LogEntry[]): Promise<void> {
    const bytes = frame(firstIndex, entries.flatMap(encode));
    // Into the cache of the operating system at once: a way over the thread pool would take longer. The wait for
    // the disk goes over it.
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.descriptor, bytes, done, bytes.length - done, this.size + done);
    }
    await sync(this.descriptor);
    this.size += bytes.length;
  }

  async close(): Promise<void> {
    await closeFile(this.descriptor);
  }
}

export interface LogContent {
  readonly entries: readonly LogEntry[];
  /** Where the next frame goes; 0 if the file has to be made anew. */
  readonly sizeBytes: number;
}

/** Reads a log whose first entry has to be `firstIndex`. What a crash has left of a last frame is cut off. */
export async function readLog(path: string, firstIndex: bigint, isLast: boolean): Promise<LogContent> {
  const file = await readFile(path);
  const entries: LogEntry[] = [];
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) {
    // A crash right after the file was made; it is made anew.
    if (isLast && file.length < MAGIC.length) return { entries, sizeBytes: 0 };
    throw damaged(path, 0, 'it does not begin like a log');
  }
  let offset = MAGIC.length;
  while (offset < file.length) {
    const found = readFrame(file, offset);
    if ('fault' in found) {
      if (!isLast || !found.torn) throw damaged(path, offset, found.fault);
      await truncate(path, offset);
      break;
    }
    const expected = firstIndex + BigInt(entries.length);
    if (found.index !== expected) {
      throw damaged(path, offset, `entry ${found.index} stands where ${expected} should`);
    }
    for (const entry of decode(found.payload)) entries.push(entry);
    offset = found.end;
  }
  return { entries, sizeBytes: offset };
}

function encode({ code, payload }: LogEntry): Uint8Array[] {
  const header = Buffer.allocUnsafe(ENTRY_HEADER_BYTES);
  header[0] = code;
  header.writeUInt32BE(payload.length, 1);
  return [header, payload];
}

function* decode(payload: Buffer): Generator<LogEntry> {
  for (let offset = 0; offset < payload.length;) {
    const start = offset + ENTRY_HEADER_BYTES;
    const end = start + payload.readUInt32BE(offset + 1);
    yield { code: payload[offset]!, payload: payload.subarray(start, end) };
    offset = end;
  }
}

import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LeaseImage } from '../lease/lessor.js';
import type { KeyValue } from '../mvcc/key-value.js';
import { keyValue } from '../proto/messages.js';
import { int, int64, many, message, uint64 } from '../proto/wire.js';
import type { Identity } from '../replica/state-machine.js';
import { damaged } from './damage.js';
import { frame, readFrame } from './frame.js';

/**
 * The whole state after the operation `index`: after a magic number a frame that describes it, frames of entries,
 * and an empty frame that says that this was all. It is written beside its place and then put there, so it is
 * whole or it is damaged.
 */
export interface Image extends Identity {
  readonly index: bigint;
  readonly revision: bigint;
  readonly compactRevision: bigint;
  readonly leases: readonly LeaseImage[];
  readonly entries: Iterable<KeyValue>;
}

const MAGIC = Buffer.from('OWETSNP1', 'latin1');
const CHUNK_ENTRIES = 1000;
const CHUNK_BYTES = 256 * 1024;

const leaseImage = message<LeaseImage>({ id: int64(1), ttlSeconds: int(2), remainingMs: int(3) });

const head = message<Omit<Image, 'entries'>>({
  index: uint64(1),
  clusterId: uint64(2),
  memberId: uint64(3),
  revision: int64(4),
  compactRevision: int64(5),
  leases: many(6, () => leaseImage),
});

const chunk = message<{ entries: readonly KeyValue[] }>({ entries: many(1, () => keyValue) });

/** Writes the image, chunk by chunk, and lets others have their turn in between. Answers with its size. */
export async function writeSnapshot(path: string, image: Image): Promise<number> {
  const unfinished = `${path}.tmp`;
  const file = await open(unfinished, 'w', 0o600);
  let size = 0;
  try {
    const put = async (bytes: Buffer): Promise<void> => {
      await file.appendFile(bytes);
      size += bytes.length;
    };
    await put(MAGIC);
    let sequence = 0n;
    await put(frame(sequence++, [head.encode(image)]));
    for (const entries of chunks(image.entries)) await put(frame(sequence++, [chunk.encode({ entries })]));
    await put(frame(sequence, []));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncDirectory(dirname(path));
  return size;
}

export async function readSnapshot(path: string): Promise<{ image: Image; sizeBytes: number }> {
  const file = await readFile(path);
  if (!file.subarray(0, MAGIC.length).equals(MAGIC))
    throw damaged(path, 0, 'it does not begin like a snapshot');
  const frames = payloads(path, file);
  const first = frames.next();
  if (first.done === true) throw damaged(path, MAGIC.length, 'it ends too early');
  const entries = (function* () {
    for (const payload of frames) yield* chunk.decode(payload).entries;
  })();
  return { image: { ...head.decode(first.value), entries }, sizeBytes: file.length };
}

function* payloads(path: string, file: Buffer): Generator<Buffer, void> {
  let offset = MAGIC.length;
  for (let sequence = 0n; ; sequence++) {
    if (offset >= file.length) throw damaged(path, offset, 'it ends too early');
    const found = readFrame(file, offset);
    if ('fault' in found) throw damaged(path, offset, found.fault);
    if (found.index !== sequence) throw damaged(path, offset, 'a frame is missing, or twice there');
    if (found.payload.length === 0) {
      if (found.end !== file.length) throw damaged(path, found.end, 'something follows the end');
      return;
    }
    yield found.payload;
    offset = found.end;
  }
}

function* chunks(entries: Iterable<KeyValue>): Generator<KeyValue[]> {
  let batch: KeyValue[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += entry.key.length + entry.value.length;
    if (batch.length < CHUNK_ENTRIES && bytes < CHUNK_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Makes a new name, or a changed one, durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

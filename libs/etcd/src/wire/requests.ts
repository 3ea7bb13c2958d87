import type { Target } from '../key-value.js';
import type { Compare, Op, Transaction } from '../transaction.js';
import { Writer } from './writer.js';

/** What etcd reads as "everything from the key on". */
const OPEN_END = '\0';

export interface RangeRequest {
  key: string | Uint8Array;
  rangeEnd?: string | Uint8Array;
  limit?: number;
  revision?: bigint;
  sort?: { by: 'key' | 'createRevision' | 'modRevision'; order: 'ascending' | 'descending' };
  maxCreateRevision?: bigint;
  keysOnly?: boolean;
  countOnly?: boolean;
  serializable?: boolean;
}

/** The key just after all that begin with `prefix`. */
export function prefixEnd(prefix: string): Uint8Array | string {
  const end = Buffer.from(prefix);
  for (let last = end.length - 1; last >= 0; last--) {
    const byte = end[last] as number;
    if (byte < 0xff) {
      end[last] = byte + 1;
      return end.subarray(0, last + 1);
    }
  }
  return OPEN_END;
}

/** The empty prefix is all keys, which etcd writes as a range from `\0`. */
export function rangeOf(target: Target): { key: string; rangeEnd?: string | Uint8Array } {
  if ('key' in target) return { key: target.key };
  const { prefix, after } = target;
  const key = after === undefined || after < prefix ? prefix : `${after}\0`;
  return { key: key === '' ? '\0' : key, rangeEnd: prefixEnd(prefix) };
}

export function encodeRange(request: RangeRequest): Buffer {
  const writer = new Writer();
  writeRange(writer, request);
  return writer.finish();
}

export function encodePut(key: string, value: string, leaseId: bigint): Buffer {
  const writer = new Writer();
  writePut(writer, key, value, leaseId, false);
  return writer.finish();
}

export function encodeDelete(target: Target): Buffer {
  const writer = new Writer();
  writeDelete(writer, target);
  return writer.finish();
}

export function encodeTxn({ compare = [], success = [], failure = [] }: Transaction): Buffer {
  const writer = new Writer();
  for (const condition of compare) writeCompare(writer, condition);
  for (const op of success) writeOp(writer, 2, op);
  for (const op of failure) writeOp(writer, 3, op);
  return writer.finish();
}

export function encodeWatchCreate(target: Target, fromRevision: bigint, prevKv: boolean): Buffer {
  const writer = new Writer();
  const create = writer.open(1);
  const { key, rangeEnd } = rangeOf(target);
  writer.string(1, key);
  if (rangeEnd !== undefined) writeKey(writer, 2, rangeEnd);
  writer.int64(3, fromRevision);
  writer.bool(4, true); // progress_notify: an idle watch moves on too, and outlives a compaction
  writer.bool(6, prevKv);
  writer.bool(8, true); // fragment: else a big transaction's events can exceed what gRPC takes
  writer.close(create);
  return writer.finish();
}

export function encodeLeaseGrant(ttlSeconds: number): Buffer {
  const writer = new Writer();
  writer.uint(1, ttlSeconds);
  return writer.finish();
}

/** LeaseRevokeRequest, LeaseKeepAliveRequest and LeaseTimeToLiveRequest are alike. */
export function encodeLeaseId(leaseId: bigint): Buffer {
  const writer = new Writer();
  writer.int64(1, leaseId);
  return writer.finish();
}

const SORT_TARGETS = { key: 0, createRevision: 2, modRevision: 3 } as const;
const COMPARE_RESULTS = { '=': 0, '>': 1, '<': 2, '!=': 3 } as const;
const COMPARE_TARGETS = {
  version: { target: 0, field: 4 },
  createRevision: { target: 1, field: 5 },
  modRevision: { target: 2, field: 6 },
  value: { target: 3, field: 7 },
  lease: { target: 4, field: 8 },
} as const;

function writeRange(writer: Writer, request: RangeRequest): void {
  writeKey(writer, 1, request.key);
  if (request.rangeEnd !== undefined) writeKey(writer, 2, request.rangeEnd);
  if (request.limit) writer.uint(3, request.limit);
  if (request.revision) writer.int64(4, request.revision);
  if (request.sort) {
    writer.uint(5, request.sort.order === 'ascending' ? 1 : 2);
    writer.uint(6, SORT_TARGETS[request.sort.by]);
  }
  writer.bool(7, request.serializable);
  writer.bool(8, request.keysOnly);
  writer.bool(9, request.countOnly);
  if (request.maxCreateRevision) writer.int64(13, request.maxCreateRevision);
}

function writePut(writer: Writer, key: string, value: string, leaseId: bigint, ignoreValue: boolean): void {
  writer.string(1, key);
  if (!ignoreValue) writer.string(2, value);
  if (leaseId !== 0n) writer.int64(3, leaseId);
  writer.bool(5, ignoreValue);
}

function writeDelete(writer: Writer, target: Target): void {
  const { key, rangeEnd } = rangeOf(target);
  writer.string(1, key);
  if (rangeEnd !== undefined) writeKey(writer, 2, rangeEnd);
}

function writeOp(writer: Writer, branch: number, op: Op): void {
  const requestOp = writer.open(branch);
  switch (op.type) {
    case 'get': {
      const request = writer.open(1);
      writer.string(1, op.key);
      writer.close(request);
      break;
    }
    case 'keys': {
      const request = writer.open(1);
      writeRange(writer, { ...rangeOf({ prefix: op.key }), keysOnly: true });
      writer.close(request);
      break;
    }
    case 'put': {
      const request = writer.open(2);
      writePut(writer, op.key, op.value, op.leaseId, op.ignoreValue);
      writer.close(request);
      break;
    }
    case 'delete': {
      const request = writer.open(3);
      writeDelete(writer, op.prefix ? { prefix: op.key } : { key: op.key });
      writer.close(request);
      break;
    }
  }
  writer.close(requestOp);
}

function writeCompare(writer: Writer, condition: Compare): void {
  const { target, field } = COMPARE_TARGETS[condition.target];
  const start = writer.open(1);
  writer.uint(1, COMPARE_RESULTS[condition.is]);
  writer.uint(2, target);
  writer.string(3, condition.key);
  if (condition.target === 'value') writer.string(field, condition.operand);
  else writer.int64(field, condition.operand);
  writer.close(start);
}

function writeKey(writer: Writer, field: number, key: string | Uint8Array): void {
  if (typeof key === 'string') writer.string(field, key);
  else writer.bytes(field, key);
}

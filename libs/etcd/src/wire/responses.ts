import type { KeyValue } from '../key-value.js';
import type { OpResult, TxnResult } from '../transaction.js';
import type { WatchEvent } from '../watch-event.js';
import { Reader } from './reader.js';

// A field's number and wire type, as they stand before its value: 0 is a varint, 2 has its length in front.
const varint = (field: number): number => field << 3;
const delimited = (field: number): number => (field << 3) | 2;

/** Stands where etcd always sends a key and its value. */
const NOTHING: KeyValue = Object.freeze(noKeyValue());

export interface RangeResponse {
  revision: bigint;
  entries: KeyValue[];
  /** The last key byte for byte: where the next page begins. */
  lastKey: Uint8Array;
  more: boolean;
  count: number;
}

export interface WatchResponse {
  revision: bigint;
  created: boolean;
  canceled: boolean;
  compactRevision: bigint;
  cancelReason: string;
  /** More of the same revision follows. */
  fragment: boolean;
  events: WatchEvent[];
}

export interface StatusResponse {
  memberId: bigint;
  leaderId: bigint;
  version: string;
  sizeBytes: number;
  /** Alarms among them. */
  errors: string[];
}

export function decodeRange(bytes: Buffer): RangeResponse {
  return readRange(new Reader(bytes));
}

export function decodePut(bytes: Buffer): { revision: bigint } {
  const reader = new Reader(bytes);
  let revision = 0n;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) revision = readRevision(reader.message());
    else reader.skip(tag);
  }
  return { revision };
}

export function decodeDelete(bytes: Buffer): { revision: bigint; deleted: number } {
  return readDelete(new Reader(bytes));
}

export function decodeTxn(bytes: Buffer): TxnResult {
  const reader = new Reader(bytes);
  const result: TxnResult = { succeeded: false, revision: 0n, responses: [] };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) result.revision = readRevision(reader.message());
    else if (tag === varint(2)) result.succeeded = reader.bool();
    else if (tag === delimited(3)) result.responses.push(readOpResult(reader.message()));
    else reader.skip(tag);
  }
  return result;
}

export function decodeWatch(bytes: Buffer): WatchResponse {
  const reader = new Reader(bytes);
  const response: WatchResponse = {
    revision: 0n,
    created: false,
    canceled: false,
    compactRevision: 0n,
    cancelReason: '',
    fragment: false,
    events: [],
  };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) response.revision = readRevision(reader.message());
    else if (tag === varint(3)) response.created = reader.bool();
    else if (tag === varint(4)) response.canceled = reader.bool();
    else if (tag === varint(5)) response.compactRevision = reader.int64();
    else if (tag === delimited(6)) response.cancelReason = reader.string();
    else if (tag === varint(7)) response.fragment = reader.bool();
    else if (tag === delimited(11)) response.events.push(readEvent(reader.message()));
    else reader.skip(tag);
  }
  return response;
}

/** LeaseGrantResponse, LeaseKeepAliveResponse and LeaseTimeToLiveResponse are alike. */
export function decodeLease(bytes: Buffer): { leaseId: bigint; ttlSeconds: bigint } {
  const reader = new Reader(bytes);
  const lease = { leaseId: 0n, ttlSeconds: 0n };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === varint(2)) lease.leaseId = reader.int64();
    else if (tag === varint(3)) lease.ttlSeconds = reader.int64();
    else reader.skip(tag);
  }
  return lease;
}

export function decodeStatus(bytes: Buffer): StatusResponse {
  const reader = new Reader(bytes);
  const status: StatusResponse = { memberId: 0n, leaderId: 0n, version: '', sizeBytes: 0, errors: [] };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) status.memberId = readMemberId(reader.message());
    else if (tag === delimited(2)) status.version = reader.string();
    else if (tag === varint(3)) status.sizeBytes = reader.uint();
    else if (tag === varint(4)) status.leaderId = reader.int64();
    else if (tag === delimited(8)) status.errors.push(reader.string());
    else reader.skip(tag);
  }
  return status;
}

function readRange(reader: Reader): RangeResponse {
  const entries: KeyValue[] = [];
  let revision = 0n;
  let more = false;
  let count = 0;
  let last = { start: 0, end: 0 };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(2)) {
      const message = reader.message();
      last = { start: message.position, end: message.end };
      entries.push(readKeyValue(message));
    } else if (tag === delimited(1)) revision = readRevision(reader.message());
    else if (tag === varint(3)) more = reader.bool();
    else if (tag === varint(4)) count = reader.uint();
    else reader.skip(tag);
  }
  return {
    revision,
    entries,
    more,
    count,
    lastKey: readRawKey(new Reader(reader.bytes, last.start, last.end)),
  };
}

function readKeyValue(reader: Reader): KeyValue {
  const kv = noKeyValue();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) kv.key = reader.string();
    else if (tag === varint(2)) kv.createRevision = reader.int64();
    else if (tag === varint(3)) kv.modRevision = reader.int64();
    else if (tag === varint(4)) kv.version = reader.int64();
    else if (tag === delimited(5)) kv.value = reader.string();
    else if (tag === varint(6)) kv.leaseId = reader.int64();
    else reader.skip(tag);
  }
  return kv;
}

function noKeyValue(): KeyValue {
  return { key: '', value: '', createRevision: 0n, modRevision: 0n, version: 0n, leaseId: 0n };
}

/** Foreign keys may be no UTF-8: then the text is not enough to go on from. */
function readRawKey(reader: Reader): Uint8Array {
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) {
      const key = reader.message();
      return Uint8Array.from(key.bytes.subarray(key.position, key.end));
    }
    reader.skip(tag);
  }
  return new Uint8Array();
}

function readDelete(reader: Reader): { revision: bigint; deleted: number } {
  const result = { revision: 0n, deleted: 0 };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) result.revision = readRevision(reader.message());
    else if (tag === varint(2)) result.deleted = reader.uint();
    else reader.skip(tag);
  }
  return result;
}

function readOpResult(reader: Reader): OpResult {
  let result: OpResult = { type: 'put' };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === delimited(1)) result = { type: 'get', kvs: readRange(reader.message()).entries };
    else if (tag === delimited(3)) result = { type: 'delete', deleted: readDelete(reader.message()).deleted };
    else reader.skip(tag);
  }
  return result;
}

function readEvent(reader: Reader): WatchEvent {
  const event: WatchEvent = { type: 'put', kv: NOTHING };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === varint(1)) event.type = reader.uint() === 1 ? 'delete' : 'put';
    else if (tag === delimited(2)) event.kv = readKeyValue(reader.message());
    else if (tag === delimited(3)) event.prevKv = readKeyValue(reader.message());
    else reader.skip(tag);
  }
  return event;
}

function readRevision(header: Reader): bigint {
  let revision = 0n;
  while (header.more()) {
    const tag = header.tag();
    if (tag === varint(3)) revision = header.int64();
    else header.skip(tag);
  }
  return revision;
}

function readMemberId(header: Reader): bigint {
  let memberId = 0n;
  while (header.more()) {
    const tag = header.tag();
    if (tag === varint(2)) memberId = header.int64();
    else header.skip(tag);
  }
  return memberId;
}

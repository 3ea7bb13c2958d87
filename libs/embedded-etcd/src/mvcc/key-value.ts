/**
 * One revision of one key. Immutable: histories, watchers, snapshots and answers share the same object.
 *
 * Keys and values are bytes, held as strings of one character a byte (latin1): JavaScript compares, hashes
 * and stores those fastest, and their order is the order of the bytes.
 */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly version: bigint;
  readonly value: string;
  readonly lease: bigint;
}

/** A tombstone is what a delete leaves: a version of 0. */
export function isTombstone(kv: KeyValue): boolean {
  return kv.version === 0n;
}

export function tombstone(key: string, modRevision: bigint): KeyValue {
  return { key, createRevision: 0n, modRevision, version: 0n, value: '', lease: 0n };
}

/** What a revision of a key costs beside its bytes: the objects that hold it. */
const KEY_VALUE_OVERHEAD = 200;

export function sizeOf(kv: KeyValue): number {
  return KEY_VALUE_OVERHEAD + kv.key.length + kv.value.length;
}

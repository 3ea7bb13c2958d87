/** One key as etcd holds it. Keys and values are UTF-8 text throughout this system. */
export interface KeyValue {
  key: string;
  value: string;
  /** The revision that created the key; a key that was deleted and put again has a new one. */
  createRevision: bigint;
  modRevision: bigint;
  /** 1 when created, one more for each put since. */
  version: bigint;
  /** 0n: attached to no lease. */
  leaseId: bigint;
}

/** One key, or all keys that begin with a prefix, or of those the ones after a certain key. */
export type Target = { key: string } | { prefix: string; after?: string };

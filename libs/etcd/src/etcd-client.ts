import { OrbweaverError } from '@app/errors';
import type { CallOptions, EtcdOptions } from './etcd-options.js';
import type { KeyValue, Target } from './key-value.js';
import type { Transaction, TxnResult } from './transaction.js';
import type { FollowBatch, WatchBatch } from './watch-event.js';

export interface RangeQuery {
  limit?: number;
  /** Read as of this revision; COMPACTED when etcd has it no more. */
  revision?: bigint;
  sort?: { by: 'key' | 'createRevision' | 'modRevision'; order: 'ascending' | 'descending' };
  maxCreateRevision?: bigint;
  keysOnly?: boolean;
  countOnly?: boolean;
  /** Answered by the endpoint from what it has: may be stale. Linearizable by default. */
  serializable?: boolean;
}

export interface RangeResult {
  /** The store's revision when it was read. */
  revision: bigint;
  entries: KeyValue[];
  /** All that matched, beyond the limit too. */
  count: number;
  more: boolean;
}

export interface Page {
  /** The revision that all pages of a list are read at. */
  revision: bigint;
  entries: KeyValue[];
}

export interface ListOptions extends CallOptions {
  revision?: bigint;
  keysOnly?: boolean;
  limit?: number;
  pageSize?: number;
}

export interface WatchOptions {
  /** The first revision that is of interest. */
  fromRevision: bigint;
  prevKv?: boolean;
  signal: AbortSignal;
}

export interface FollowOptions {
  signal: AbortSignal;
  prevKv?: boolean;
  keysOnly?: boolean;
}

/** Whether etcd answers at present, for readiness. */
export interface EtcdStatus {
  /** The call that ended last got an answer. False before the first call. */
  ok: boolean;
  /** On the monotonic clock. */
  lastOkAt: number | undefined;
  lastError: OrbweaverError | undefined;
}

const unimplemented = (): never => {
  throw new OrbweaverError('UNIMPLEMENTED', 'not yet');
};

export class EtcdClient {
  constructor(readonly options: EtcdOptions) {}

  async get(
    _key: string,
    _options: CallOptions & { revision?: bigint; serializable?: boolean } = {},
  ): Promise<KeyValue | undefined> {
    return unimplemented();
  }

  async range(_target: Target, _query: RangeQuery & CallOptions = {}): Promise<RangeResult> {
    return unimplemented();
  }

  list(_prefix: string, _options: ListOptions = {}): AsyncIterable<Page> {
    return unimplemented();
  }

  async count(_prefix: string, _options: CallOptions = {}): Promise<number> {
    return unimplemented();
  }

  async put(
    _key: string,
    _value: string,
    _options: CallOptions & { leaseId?: bigint } = {},
  ): Promise<{ revision: bigint }> {
    return unimplemented();
  }

  async delete(_key: string, _options: CallOptions = {}): Promise<{ revision: bigint; deleted: number }> {
    return unimplemented();
  }

  async txn(_transaction: Transaction, _options: CallOptions = {}): Promise<TxnResult> {
    return unimplemented();
  }

  watch(_target: Target, _options: WatchOptions): AsyncIterable<WatchBatch> {
    return unimplemented();
  }

  follow(_prefixes: readonly string[], _options: FollowOptions): AsyncIterable<FollowBatch> {
    return unimplemented();
  }

  status(): EtcdStatus {
    return unimplemented();
  }

  close(): void {}
}

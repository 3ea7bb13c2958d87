import { OrbweaverError } from '@app/errors';
import { Connections, type EtcdStatus } from './connections.js';
import type { CallOptions, EtcdOptions } from './etcd-options.js';
import { followPrefixes, type FollowOptions } from './follow.js';
import type { KeyValue, Target } from './key-value.js';
import { listPages, type ListOptions, type Page } from './list.js';
import { memberStatuses, type MemberStatus } from './members.js';
import { KV, LEASE } from './methods.js';
import { MAX_TXN_OPS, type Transaction, type TxnResult } from './transaction.js';
import type { FollowBatch, WatchBatch } from './watch-event.js';
import { watchSignals, type WatchOptions } from './watch.js';
import {
  encodeDelete,
  encodeLeaseId,
  encodePut,
  encodeRange,
  encodeTxn,
  rangeOf,
  type RangeRequest,
} from './wire/requests.js';

export interface RangeQuery extends CallOptions, Omit<RangeRequest, 'key' | 'rangeEnd'> {}

export interface RangeResult {
  /** The store's revision when it was read. */
  revision: bigint;
  entries: KeyValue[];
  /** All that matched, beyond the limit too. */
  count: number;
  more: boolean;
}

/**
 * etcd, typed, with exact 64-bit integers. Every call has a deadline and fails with an OrbweaverError.
 *
 * Reads are linearizable unless they say otherwise, and go to another endpoint when one fails. Writes are sent
 * once: after ETCD_UNAVAILABLE a write may have been done, may not, and may yet be until its deadline is over.
 */
export class EtcdClient {
  /** For this library's own use. */
  readonly connections: Connections;

  constructor(options: EtcdOptions) {
    this.connections = new Connections(options);
  }

  async get(
    key: string,
    options: CallOptions & { revision?: bigint; serializable?: boolean } = {},
  ): Promise<KeyValue | undefined> {
    return (await this.range({ key }, options)).entries[0];
  }

  /** One answer; for what may be large see `list`. */
  async range(target: Target, query: RangeQuery = {}): Promise<RangeResult> {
    const { revision, entries, count, more } = await this.connections.repeatable(
      KV.range,
      encodeRange({ ...query, ...rangeOf(target) }),
      query,
    );
    return { revision, entries, count, more };
  }

  /** Everything under a prefix at one revision, in key order, page by page. */
  list(prefix: string, options?: ListOptions): AsyncIterable<Page> {
    return listPages(this.connections, prefix, options);
  }

  async count(prefix: string, options: CallOptions = {}): Promise<number> {
    return (await this.range({ prefix }, { ...options, countOnly: true })).count;
  }

  put(
    key: string,
    value: string,
    { leaseId = 0n, ...options }: CallOptions & { leaseId?: bigint } = {},
  ): Promise<{ revision: bigint }> {
    return this.connections.write(KV.put, encodePut(key, value, leaseId), options);
  }

  delete(key: string, options?: CallOptions): Promise<{ revision: bigint; deleted: number }> {
    return this.connections.write(KV.delete, encodeDelete({ key }), options);
  }

  deletePrefix(prefix: string, options?: CallOptions): Promise<{ revision: bigint; deleted: number }> {
    return this.connections.write(KV.delete, encodeDelete({ prefix }), options);
  }

  /** All of `success` if every compare holds, else all of `failure`; at one revision, or not at all. */
  async txn(transaction: Transaction, options?: CallOptions): Promise<TxnResult> {
    for (const part of ['compare', 'success', 'failure'] as const) {
      const count = transaction[part]?.length ?? 0;
      if (count <= MAX_TXN_OPS) continue;
      throw new OrbweaverError('INVALID_ARGUMENT', `${part} has ${count} entries, etcd takes ${MAX_TXN_OPS}`);
    }
    return this.connections.write(KV.txn, encodeTxn(transaction), options);
  }

  /**
   * Every event from `fromRevision` on, once and in order, until the signal fires; outlives lost connections.
   * Throws COMPACTED when etcd no longer has what comes next.
   */
  async *watch(target: Target, options: WatchOptions): AsyncGenerator<WatchBatch, void, undefined> {
    for await (const told of watchSignals(this.connections, target, options)) {
      if (told.kind === 'events') yield { revision: told.revision, events: told.events };
    }
  }

  /** What is under the prefixes at one revision, then every change; lists again after a compaction. */
  follow(prefixes: readonly string[], options: FollowOptions): AsyncGenerator<FollowBatch, void, undefined> {
    return followPrefixes(this.connections, prefixes, options);
  }

  /** What is left of a lease, in whole seconds; undefined when there is none, or no more. */
  async timeToLive(leaseId: bigint, options?: CallOptions): Promise<number | undefined> {
    const { ttlSeconds } = await this.connections.repeatable(
      LEASE.timeToLive,
      encodeLeaseId(leaseId),
      options,
    );
    return ttlSeconds < 0n ? undefined : Number(ttlSeconds);
  }

  /** What each endpoint says of itself, in the order in which they were given. */
  members(options: CallOptions = {}): Promise<MemberStatus[]> {
    return memberStatuses(this.connections, options);
  }

  status(): EtcdStatus {
    return this.connections.status();
  }

  /** Calls and watches that are under way fail with ETCD_UNAVAILABLE or CANCELLED. */
  close(): void {
    this.connections.close();
  }
}

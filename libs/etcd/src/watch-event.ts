import type { OrbweaverError } from '@app/errors';
import type { KeyValue } from './key-value.js';

export interface WatchEvent {
  type: 'put' | 'delete';
  /** A deleted key has its key and the deletion's mod revision, nothing else. */
  kv: KeyValue;
  /** Only where asked for, and only as long as etcd has it (not after a compaction). */
  prevKv?: KeyValue;
}

/** All events of one or more whole revisions, in revision order. */
export interface WatchBatch {
  /** The last revision among them. */
  revision: bigint;
  events: WatchEvent[];
}

/**
 * What a follower of prefixes is told:
 * - `snapshot`: a page of all there is, all pages read at one `revision`. `first` tells to begin anew (what is
 *   not in the pages up to `last` is gone), `last` that the state is whole. An empty snapshot is one page. A
 *   snapshot may be given up in between (compaction): then the next page is `first` again.
 * - `events`: what happened since, without gap or repeat. Order holds within a prefix, not between prefixes.
 * - `interrupted`: the connection is lost, the state may be stale. Followed by `resumed` or by a new snapshot.
 */
export type FollowBatch =
  | { kind: 'snapshot'; revision: bigint; entries: KeyValue[]; first: boolean; last: boolean }
  | { kind: 'events'; revision: bigint; events: WatchEvent[] }
  | { kind: 'interrupted'; cause: OrbweaverError }
  | { kind: 'resumed'; revision: bigint };

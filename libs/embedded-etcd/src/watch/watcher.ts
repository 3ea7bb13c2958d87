import type { KeyInterval } from '../mvcc/key-interval.js';
import { isTombstone, type KeyValue } from '../mvcc/key-value.js';

/** What one watch of a client asks for, and how far it has got. */
export interface Watcher {
  readonly id: number;
  readonly keys: KeyInterval;
  readonly prevKv: boolean;
  readonly fragment: boolean;
  readonly progressNotify: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly sink: WatchSink;
  /** The next revision that it has not been told of. */
  nextRevision: bigint;
}

/** Where a client's events go. */
export interface WatchSink {
  /** Whether it takes more at present. What it does not take it is told from the log later. */
  readonly isReady: boolean;
  /** Events of one or more whole revisions. `revision`: how far the watcher has got with them. */
  events(watcher: Watcher, revision: bigint, events: readonly KeyValue[]): void;
  /** The watch cannot go on: what it has to be told next is compacted. */
  compacted(watcher: Watcher, compactRevision: bigint): void;
}

export function wants(watcher: Watcher, change: KeyValue): boolean {
  return !(isTombstone(change) ? watcher.noDelete : watcher.noPut);
}

import { contains } from '../mvcc/key-interval.js';
import { sizeOf, type KeyValue } from '../mvcc/key-value.js';
import type { Store } from '../mvcc/store.js';
import { IntervalMap } from './interval-map.js';
import { wants, type Watcher, type WatchSink } from './watcher.js';

/**
 * Tells each watcher every change it asked for, in order, once: the synced ones as it happens, those that
 * start in the past or whose client does not keep up from the store's log. A watcher that has caught up is
 * synced again; nothing is queued for one that has not.
 */

/** How much of the log one answer of a replay may hold; a revision is never split. */
const REPLAY_REVISIONS = 1000;
const REPLAY_BYTES = 1024 * 1024;

export class WatchHub {
  private readonly synced = new IntervalMap<Watcher>();
  private readonly unsynced = new Set<Watcher>();
  private readonly unsyncedCounts = new Map<WatchSink, number>();

  constructor(private readonly store: Pick<Store, 'revision' | 'compactRevision' | 'changesFrom'>) {}

  add(watcher: Watcher): void {
    if (watcher.nextRevision > this.store.revision) this.synced.add(watcher.keys, watcher);
    else this.unsync(watcher);
  }

  delete(watcher: Watcher): void {
    if (this.unsynced.has(watcher)) this.leaveUnsynced(watcher);
    else this.synced.delete(watcher.keys, watcher);
  }

  isSynced(watcher: Watcher): boolean {
    return !this.unsynced.has(watcher);
  }

  /** Whether all watchers of a client have been told everything. */
  isSinkSynced(sink: WatchSink): boolean {
    return !this.unsyncedCounts.has(sink);
  }

  /** Tells of the changes of the revision that the store has just made. */
  notify(changes: readonly KeyValue[]): void {
    const revision = this.store.revision;
    const matches = new Map<Watcher, KeyValue[]>();
    for (const change of changes) {
      this.synced.visit(change.key, (watcher) => {
        if (revision < watcher.nextRevision || !wants(watcher, change)) return;
        const events = matches.get(watcher);
        if (events) events.push(change);
        else matches.set(watcher, [change]);
      });
    }
    for (const [watcher, events] of matches) {
      if (watcher.sink.isReady) {
        watcher.sink.events(watcher, revision, events);
        continue;
      }
      watcher.nextRevision = revision;
      this.synced.delete(watcher.keys, watcher);
      this.unsync(watcher);
    }
  }

  /** Takes each unsynced watcher whose client is ready one step on. Answers whether there is more to do now. */
  replay(): boolean {
    for (const watcher of this.unsynced) if (watcher.sink.isReady) this.step(watcher);
    for (const watcher of this.unsynced) if (watcher.sink.isReady) return true;
    return false;
  }

  private step(watcher: Watcher): void {
    const { compactRevision } = this.store;
    if (watcher.nextRevision < compactRevision) {
      this.leaveUnsynced(watcher);
      watcher.sink.compacted(watcher, compactRevision);
      return;
    }
    const { events, next } = this.collect(watcher);
    watcher.nextRevision = next;
    if (next > this.store.revision) {
      this.leaveUnsynced(watcher);
      this.synced.add(watcher.keys, watcher);
    }
    if (events.length > 0) watcher.sink.events(watcher, next - 1n, events);
  }

  private collect(watcher: Watcher): { events: KeyValue[]; next: bigint } {
    const events: KeyValue[] = [];
    let revisions = 0;
    let bytes = 0;
    let last = 0n;
    for (const change of this.store.changesFrom(watcher.nextRevision)) {
      if (!contains(watcher.keys, change.key) || !wants(watcher, change)) continue;
      if (change.modRevision !== last) {
        if (revisions === REPLAY_REVISIONS || bytes >= REPLAY_BYTES)
          return { events, next: change.modRevision };
        revisions++;
        last = change.modRevision;
      }
      events.push(change);
      bytes += sizeOf(change);
    }
    return { events, next: this.store.revision + 1n };
  }

  private unsync(watcher: Watcher): void {
    this.unsynced.add(watcher);
    this.unsyncedCounts.set(watcher.sink, (this.unsyncedCounts.get(watcher.sink) ?? 0) + 1);
  }

  private leaveUnsynced(watcher: Watcher): void {
    this.unsynced.delete(watcher);
    const count = this.unsyncedCounts.get(watcher.sink)! - 1;
    if (count === 0) this.unsyncedCounts.delete(watcher.sink);
    else this.unsyncedCounts.set(watcher.sink, count);
  }
}

import { interval } from '../mvcc/key-interval.js';
import { isTombstone, type KeyValue } from '../mvcc/key-value.js';
import type { Store } from '../mvcc/store.js';
import type { Watcher, WatchSink } from './watcher.js';
import type { WatchHub } from './watch-hub.js';

/** The watches that one client has on one stream: etcd's Watch protocol without the wire. */
export interface WatchCreateRequest {
  key: string;
  rangeEnd: string;
  startRevision: bigint;
  progressNotify: boolean;
  filters: readonly number[];
  prevKv: boolean;
  watchId: number;
  fragment: boolean;
}

export const FilterType = { NOPUT: 0, NODELETE: 1 } as const;
export const EventType = { PUT: 0, DELETE: 1 } as const;

export interface Event {
  readonly type: number;
  readonly kv: KeyValue;
  readonly prevKv: KeyValue | undefined;
}

export interface WatchAnswer {
  readonly revision: bigint;
  readonly watchId: number;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: bigint;
  readonly cancelReason: string;
  readonly events: readonly Event[];
  /** Whether the client takes a large answer in parts. */
  readonly inFragments: boolean;
}

/** What the stream needs of the connection. */
export interface WatchOutlet {
  readonly isReady: boolean;
  send(answer: WatchAnswer): void;
}

/** The id of answers that concern no watch. */
const NO_WATCH = -1;

interface Watch {
  readonly watcher: Watcher;
  /** Nothing was sent since the last progress notification was due. */
  quiet: boolean;
}

export class WatchStream implements WatchSink {
  private readonly watches = new Map<number, Watch>();
  private nextId = 0;
  private owesProgress = false;

  constructor(
    private readonly hub: WatchHub,
    private readonly store: Pick<Store, 'revision' | 'compactRevision' | 'read'>,
    private readonly outlet: WatchOutlet,
  ) {}

  get isReady(): boolean {
    return this.outlet.isReady;
  }

  create(request: WatchCreateRequest): void {
    const { revision } = this.store;
    const keys = interval(request.key === '' ? '\0' : request.key, request.rangeEnd);
    const refusal = this.refuse(keys.key, keys.end, request.watchId);
    if (refusal !== undefined) {
      const answer = { revision, watchId: NO_WATCH, created: true, canceled: true, cancelReason: refusal };
      this.send(answer);
      return;
    }
    const watcher: Watcher = {
      id: request.watchId === 0 ? this.freeId() : request.watchId,
      keys,
      prevKv: request.prevKv,
      fragment: request.fragment,
      progressNotify: request.progressNotify,
      noPut: request.filters.includes(FilterType.NOPUT),
      noDelete: request.filters.includes(FilterType.NODELETE),
      sink: this,
      nextRevision: request.startRevision === 0n ? revision + 1n : request.startRevision,
    };
    this.watches.set(watcher.id, { watcher, quiet: true });
    this.send({ revision, watchId: watcher.id, created: true });
    this.hub.add(watcher);
  }

  cancel(watchId: number): void {
    const watch = this.watches.get(watchId);
    if (watch === undefined) return;
    this.watches.delete(watchId);
    this.hub.delete(watch.watcher);
    this.send({ revision: this.store.revision, watchId, canceled: true });
  }

  /** Answers once every watch of the stream has been told everything up to the revision that it names. */
  requestProgress(): void {
    this.owesProgress = true;
    this.settleProgress();
  }

  /** To be called when watches may have caught up. */
  settleProgress(): void {
    if (!this.owesProgress || !this.hub.isSinkSynced(this)) return;
    this.owesProgress = false;
    this.send({ revision: this.store.revision, watchId: NO_WATCH });
  }

  /** To be called at an interval: tells the watches that want it, and have heard nothing since, how far they are. */
  notifyProgress(): void {
    for (const watch of this.watches.values()) {
      const { watcher } = watch;
      if (!watcher.progressNotify) continue;
      if (watch.quiet && this.isReady && this.hub.isSynced(watcher)) {
        this.send({ revision: this.store.revision, watchId: watcher.id });
      }
      watch.quiet = true;
    }
  }

  close(): void {
    for (const { watcher } of this.watches.values()) this.hub.delete(watcher);
    this.watches.clear();
  }

  events(watcher: Watcher, revision: bigint, changes: readonly KeyValue[]): void {
    const watch = this.watches.get(watcher.id);
    if (watch !== undefined) watch.quiet = false;
    this.send({
      revision,
      watchId: watcher.id,
      events: changes.map((kv) => ({
        type: isTombstone(kv) ? EventType.DELETE : EventType.PUT,
        kv,
        prevKv: watcher.prevKv ? this.previous(kv) : undefined,
      })),
      inFragments: watcher.fragment,
    });
  }

  compacted(watcher: Watcher, compactRevision: bigint): void {
    // The watch keeps its id until the client cancels it; like etcd, the answer names no revision.
    this.send({ revision: 0n, watchId: watcher.id, canceled: true, compactRevision });
  }

  private previous(kv: KeyValue): KeyValue | undefined {
    if (kv.version === 1n) return undefined;
    const revision = kv.modRevision - 1n;
    return revision < this.store.compactRevision ? undefined : this.store.read().at(revision).get(kv.key);
  }

  private refuse(key: string, end: string | undefined, watchId: number): string | undefined {
    if (end !== undefined && end !== '' && key >= end) return 'mvcc: watcher range is empty';
    if (watchId !== 0 && this.watches.has(watchId)) {
      return 'mvcc: duplicate watch ID provided on the WatchStream';
    }
    return undefined;
  }

  private freeId(): number {
    while (this.watches.has(this.nextId)) this.nextId++;
    return this.nextId++;
  }

  private send(answer: Partial<WatchAnswer> & { revision: bigint; watchId: number }): void {
    this.outlet.send({
      revision: answer.revision,
      watchId: answer.watchId,
      created: answer.created ?? false,
      canceled: answer.canceled ?? false,
      compactRevision: answer.compactRevision ?? 0n,
      cancelReason: answer.cancelReason ?? '',
      events: answer.events ?? [],
      inFragments: answer.inFragments ?? false,
    });
  }
}

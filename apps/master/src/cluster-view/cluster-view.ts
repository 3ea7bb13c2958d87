import type { EtcdClient, KeyValue, WatchEvent } from '@app/etcd';
import type { Condition, Logger } from '@app/observability';
import { ClusterState, keys, parseKey } from '@app/resources';
import { Latest } from '../leadership/latest.js';
import type { ServiceNodes } from './service-nodes.js';

/**
 * What this master knows of the cluster, kept up by a watch: all of it, on every master, so that reads need
 * nobody else and a newly elected leader can begin at once. It may be behind etcd. Nothing is decided by it
 * alone: each write compares in etcd what it was planned from.
 *
 * `state` is another object after a gap that etcd could not fill (compaction): whoever keeps it across an
 * await works on with the old one.
 */
export class ClusterView {
  /** False until the first snapshot is whole, and while the watch is interrupted. */
  readonly current = new Latest(false);
  private present: ClusterState;
  private loadCount = 0;
  private revision = 0n;
  private interruptedAt: number | undefined = performance.now();
  private readonly listeners = new Set<ViewListener>();

  constructor(
    private readonly etcd: Pick<EtcdClient, 'follow'>,
    private readonly workers: ServiceNodes,
    private readonly logger: Logger,
    private readonly condition: Condition,
  ) {
    this.present = new ClusterState();
    workers.onChange(({ joined, changed, gone }) => {
      for (const node of [...joined, ...changed]) this.present.nodeUp(node);
      for (const { id } of gone) this.present.nodeGone(id);
      this.notify((listener) => listener.nodesChanged?.());
    });
  }

  get state(): ClusterState {
    return this.present;
  }

  /** Whether a whole snapshot was read once: what is told may be old, but not partial. */
  get loaded(): boolean {
    return this.loadCount > 0;
  }

  /** Snapshots so far: the first, and one for each gap. */
  get loads(): number {
    return this.loadCount;
  }

  /** The newest revision that was seen. */
  get seenRevision(): bigint {
    return this.revision;
  }

  /** How long the watch has been interrupted; 0 while it is not. */
  get staleMs(): number {
    return this.interruptedAt === undefined ? 0 : performance.now() - this.interruptedAt;
  }

  /** Returns how to stop that. */
  subscribe(listener: ViewListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    // Records before assignments: that is the cheapest order for the state.
    const prefixes = [keys.drains, keys.resources, keys.allAssignments];
    let building: { state: ClusterState; startedAt: number } | undefined;
    for await (const batch of this.etcd.follow(prefixes, { signal })) {
      switch (batch.kind) {
        case 'snapshot': {
          if (batch.first || building === undefined) {
            building = { state: this.emptyState(), startedAt: performance.now() };
          }
          for (const entry of batch.entries) building.state.apply(entry);
          if (!batch.last) break;
          this.replace(building.state, batch.revision, performance.now() - building.startedAt);
          building = undefined;
          break;
        }
        case 'events':
          this.apply(batch.events, batch.revision);
          break;
        case 'interrupted':
          this.interruptedAt ??= performance.now();
          this.logger.warn({ error: String(batch.cause) }, 'watch interrupted, the view may be old');
          this.condition.unmet('the watch of etcd is interrupted');
          this.current.set(false);
          break;
        case 'resumed':
          this.isCurrent();
          this.logger.info({ revision: batch.revision }, 'watch resumed');
          break;
      }
    }
  }

  private emptyState(): ClusterState {
    const state = new ClusterState();
    for (const node of this.workers.all()) state.nodeUp(node);
    return state;
  }

  private replace(state: ClusterState, revision: bigint, ms: number): void {
    // Workers may have come and gone while the pages were read.
    for (const node of this.workers.all()) state.nodeUp(node);
    for (const { id } of state.nodes()) if (this.workers.get(id) === undefined) state.nodeGone(id);
    this.loadCount++;
    this.present = state;
    this.revision = revision;
    this.logger.info({ resources: state.size, revision, ms: Math.round(ms) }, 'view loaded');
    this.isCurrent();
    if (this.loadCount > 1) this.notify((listener) => listener.replaced?.());
  }

  private isCurrent(): void {
    this.interruptedAt = undefined;
    this.condition.met();
    this.current.set(true);
  }

  private apply(events: readonly WatchEvent[], revision: bigint): void {
    const { present } = this;
    for (const { type, kv } of events) {
      present.apply(type === 'put' ? kv : deletion(kv));
      if (this.listeners.size > 0) this.tell(kv.key, revision);
    }
    if (revision > this.revision) this.revision = revision;
    this.notify((listener) => listener.watched?.(events));
    this.notify((listener) => listener.applied?.());
  }

  private tell(key: string, revision: bigint): void {
    const parsed = parseKey(key);
    if (parsed?.kind === 'resource') {
      this.notify((listener) => listener.resourceChanged?.(parsed.name, revision));
    }
  }

  private notify(call: (listener: ViewListener) => void): void {
    for (const listener of this.listeners) call(listener);
  }
}

export interface ViewListener {
  /** What it is now stands in `state`, which may know still newer. */
  resourceChanged?(name: string, revision: bigint): void;
  /** Events of whole revisions, of one of the prefixes that the view follows. */
  watched?(events: readonly WatchEvent[]): void;
  /** A batch of events is in the state. */
  applied?(): void;
  nodesChanged?(): void;
  /** After a gap: `state` is another, and no single changes were told. */
  replaced?(): void;
}

function deletion({ key, modRevision }: KeyValue): { key: string; value: undefined; modRevision: bigint } {
  return { key, value: undefined, modRevision };
}

import { EtcdError } from '../etcd-error.js';
import { KeyIndex } from './key-index.js';
import { sizeOf, type KeyValue } from './key-value.js';
import { View } from './view.js';
import { Writer, type LeaseBook } from './writer.js';

/**
 * etcd's multi-version store: every transaction that changes something makes a revision, every revision since
 * the last compaction can be read, and the changes since then stand in a log from which watchers are served.
 */
export class Store {
  private readonly index = new KeyIndex();
  /** Every change from the compacted revision on, in the order it was made. */
  private log: KeyValue[] = [];
  private size = 0;
  private currentRevision = 1n;
  private compactedRevision = -1n;

  constructor(private readonly leases: LeaseBook) {}

  get revision(): bigint {
    return this.currentRevision;
  }

  /** The oldest revision that can be read; -1 before the first compaction. */
  get compactRevision(): bigint {
    return this.compactedRevision;
  }

  /** About what the store takes in memory. */
  get sizeBytes(): number {
    return this.size;
  }

  read(): View {
    return new View(this.index, this.currentRevision);
  }

  /** Runs a transaction; answers with its changes. It must not throw once it has changed something. */
  write(transaction: (writer: Writer) => void): readonly KeyValue[] {
    const writer = new Writer(this.index, this.leases, this.currentRevision);
    transaction(writer);
    this.currentRevision = writer.revision;
    for (const change of writer.changes) this.record(change);
    return writer.changes;
  }

  /** The changes from `revision` on, oldest first. */
  *changesFrom(revision: bigint): Generator<KeyValue> {
    const { log } = this;
    for (let i = firstAt(log, revision); i < log.length; i++) yield log[i]!;
  }

  compact(revision: bigint): void {
    if (revision <= this.compactedRevision) throw new EtcdError('Compacted');
    if (revision > this.currentRevision) throw new EtcdError('FutureRev');
    this.compactedRevision = revision;
    this.prune();
  }

  /** All that another store needs to become this one: references only, since entries are immutable. */
  capture(): StoreImage {
    const carriedOver: KeyValue[] = [];
    for (const history of this.index.all()) {
      const entry = history.carriedOver(this.compactedRevision);
      if (entry !== undefined) carriedOver.push(entry);
    }
    return {
      revision: this.currentRevision,
      compactRevision: this.compactedRevision,
      entries: carriedOver.concat(this.log),
    };
  }

  /** Fills an empty store. */
  restore(image: StoreImage): void {
    this.currentRevision = image.revision;
    this.compactedRevision = image.compactRevision;
    for (const entry of image.entries) {
      this.index.push(entry);
      if (entry.modRevision >= image.compactRevision) this.record(entry);
      else this.size += sizeOf(entry);
    }
    this.prune();
    for (const history of this.index.all()) {
      const latest = history.latest();
      if (latest !== undefined && latest.lease !== 0n) this.leases.attach(latest.lease, latest.key);
    }
  }

  private record(change: KeyValue): void {
    this.log.push(change);
    this.size += sizeOf(change);
  }

  /**
   * Forgets what lies before the compacted revision. Only a key that was changed up to there can have something
   * to forget. The changes of the compacted revision itself stay in the log, deletes too: a watcher may start
   * there. (etcd before 3.4.34 and 3.5.15 lost those deletes.)
   */
  private prune(): void {
    const revision = this.compactedRevision;
    const changed = new Set<string>();
    for (const entry of this.log) {
      if (entry.modRevision > revision) break;
      changed.add(entry.key);
    }
    for (const key of changed) {
      for (const forgotten of this.index.compact(key, revision)) this.size -= sizeOf(forgotten);
    }
    this.log = this.log.slice(firstAt(this.log, revision));
  }
}

export interface StoreImage {
  readonly revision: bigint;
  readonly compactRevision: bigint;
  /** First what stayed from before the compacted revision, in the order of keys; then the log. */
  readonly entries: Iterable<KeyValue>;
}

function firstAt(log: readonly KeyValue[], revision: bigint): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (log[middle]!.modRevision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { KeyIndex } from './key-index.js';
import type { KeyInterval } from './key-interval.js';
import { tombstone, type KeyValue } from './key-value.js';
import { View } from './view.js';

/** Who keeps which key belongs to which lease. */
export interface LeaseBook {
  attach(lease: bigint, key: string): void;
  detach(lease: bigint, key: string): void;
}

/** A transaction under way. All its changes carry the next revision, and it sees them. */
export class Writer {
  /** In the order they were made, which is the order watchers see. */
  readonly changes: KeyValue[] = [];
  readonly view: View;
  private readonly nextRevision: bigint;

  constructor(
    private readonly index: KeyIndex,
    private readonly leases: LeaseBook,
    private readonly baseRevision: bigint,
  ) {
    this.nextRevision = baseRevision + 1n;
    this.view = new View(index, this.nextRevision);
  }

  /** The store's revision, or the next one as soon as something has changed. */
  get revision(): bigint {
    return this.changes.length === 0 ? this.baseRevision : this.nextRevision;
  }

  put(key: string, value: string, lease: bigint): void {
    const previous = this.index.get(key)?.latest();
    this.change({
      key,
      createRevision: previous?.createRevision ?? this.nextRevision,
      modRevision: this.nextRevision,
      version: (previous?.version ?? 0n) + 1n,
      value,
      lease,
    });
    if (previous !== undefined && previous.lease !== 0n) this.leases.detach(previous.lease, key);
    if (lease !== 0n) this.leases.attach(lease, key);
  }

  delete(interval: KeyInterval): number {
    const { kvs } = this.view.range(interval);
    for (const { key, lease } of kvs) {
      this.change(tombstone(key, this.nextRevision));
      if (lease !== 0n) this.leases.detach(lease, key);
    }
    return kvs.length;
  }

  private change(entry: KeyValue): void {
    this.index.push(entry);
    this.changes.push(entry);
  }
}

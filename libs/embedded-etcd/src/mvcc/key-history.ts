import { isTombstone, type KeyValue } from './key-value.js';

/**
 * What one key was at each revision that can still be asked for: puts and tombstones, oldest first. A key may
 * have two entries of one revision (put, then deleted, in one transaction): the later one counts.
 */
export class KeyHistory {
  readonly key: string;
  private readonly entries: KeyValue[];

  constructor(first: KeyValue) {
    this.key = first.key;
    this.entries = [first];
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  push(entry: KeyValue): void {
    this.entries.push(entry);
  }

  /** The key's value now. */
  latest(): KeyValue | undefined {
    return alive(this.entries[this.entries.length - 1]);
  }

  at(revision: bigint): KeyValue | undefined {
    return alive(this.entries[this.countUpTo(revision) - 1]);
  }

  /** Forgets, and returns, what can no longer be seen when nobody asks for less than `revision`. */
  compact(revision: bigint): KeyValue[] {
    const visible = this.countUpTo(revision) - 1;
    if (visible < 0) return [];
    const dead = alive(this.entries[visible]) === undefined;
    return this.entries.splice(0, dead ? visible + 1 : visible);
  }

  /** After a compaction at `revision`: the entry from before it that is still seen. */
  carriedOver(revision: bigint): KeyValue | undefined {
    const first = this.entries[0];
    return first !== undefined && first.modRevision < revision ? first : undefined;
  }

  private countUpTo(revision: bigint): number {
    const { entries } = this;
    if (entries.length > 0 && entries[entries.length - 1]!.modRevision <= revision) return entries.length;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entries[middle]!.modRevision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function alive(entry: KeyValue | undefined): KeyValue | undefined {
  return entry === undefined || isTombstone(entry) ? undefined : entry;
}

import { KeyHistory } from './key-history.js';
import type { KeyInterval } from './key-interval.js';
import type { KeyValue } from './key-value.js';

/**
 * All histories, ordered by key: a B+ tree of two levels. A leaf is a sorted array of at most `LEAF_KEYS`
 * histories; above them stands one array of leaves, of which a million keys need a few thousand, so moving its
 * end on a split costs less than a second level would.
 */
const LEAF_KEYS = 512;

export class KeyIndex {
  private readonly leaves: KeyHistory[][] = [];

  get(key: string): KeyHistory | undefined {
    const leaf = this.leaves[this.leafOf(key)];
    if (leaf === undefined) return undefined;
    const history = leaf[lowerBound(leaf, key)];
    return history?.key === key ? history : undefined;
  }

  /** Adds an entry to the end of its key's history. */
  push(entry: KeyValue): void {
    const at = this.leafOf(entry.key);
    const leaf = this.leaves[at];
    if (leaf === undefined) {
      this.leaves.push([new KeyHistory(entry)]);
      return;
    }
    const position = lowerBound(leaf, entry.key);
    const history = leaf[position];
    if (history?.key === entry.key) {
      history.push(entry);
      return;
    }
    leaf.splice(position, 0, new KeyHistory(entry));
    if (leaf.length <= LEAF_KEYS) return;
    // Keys that come in order fill their leaf; others leave room on both sides.
    const inOrder = at === this.leaves.length - 1 && position === leaf.length - 1;
    this.leaves.splice(at + 1, 0, leaf.splice(inOrder ? LEAF_KEYS : LEAF_KEYS / 2));
  }

  /** Compacts one key's history, and drops the key when nothing of it is left. */
  compact(key: string, revision: bigint): readonly KeyValue[] {
    const at = this.leafOf(key);
    const leaf = this.leaves[at];
    if (leaf === undefined) return [];
    const position = lowerBound(leaf, key);
    const history = leaf[position];
    if (history?.key !== key) return [];
    const forgotten = history.compact(revision);
    if (history.isEmpty) leaf.splice(position, 1);
    if (leaf.length === 0) this.leaves.splice(at, 1);
    return forgotten;
  }

  *all(): Generator<KeyHistory> {
    for (const leaf of this.leaves) yield* leaf;
  }

  /** Visits the histories of an interval in the order of their keys. */
  visit(interval: KeyInterval, visitor: (history: KeyHistory) => void): void {
    const { key, end } = interval;
    if (end === undefined) {
      const history = this.get(key);
      if (history !== undefined) visitor(history);
      return;
    }
    let at = this.leafOf(key);
    let position = lowerBound(this.leaves[at] ?? [], key);
    for (; at < this.leaves.length; at++, position = 0) {
      const leaf = this.leaves[at]!;
      for (; position < leaf.length; position++) {
        const history = leaf[position]!;
        if (end !== '' && history.key >= end) return;
        visitor(history);
      }
    }
  }

  /** The last leaf that starts at or before the key, or the first. */
  private leafOf(key: string): number {
    let low = 0;
    let high = this.leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.leaves[middle]![0]!.key <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function lowerBound(leaf: readonly KeyHistory[], key: string): number {
  let low = 0;
  let high = leaf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (leaf[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { KeyInterval } from '../mvcc/key-interval.js';

/**
 * Values by key or key interval, found by a key that lies inside. Intervals stand in an array sorted by their
 * start, read as a balanced tree in which each subtree knows its greatest end: O(log n) and what is found.
 * The tree is made anew at the first search after a change; watches change seldom, keys all the time.
 */
export class IntervalMap<T> {
  private readonly points = new Map<string, Set<T>>();
  private readonly ranges = new Map<string, Range<T>>();
  private tree: Range<T>[] | undefined;

  add(interval: KeyInterval, value: T): void {
    const { key, end } = interval;
    if (end === undefined) {
      const values = this.points.get(key);
      if (values) values.add(value);
      else this.points.set(key, new Set([value]));
      return;
    }
    const name = nameOf(key, end);
    const range = this.ranges.get(name);
    if (range) {
      range.values.add(value);
      return;
    }
    this.ranges.set(name, { key, end, greatestEnd: end, values: new Set([value]) });
    this.tree = undefined;
  }

  delete({ key, end }: KeyInterval, value: T): void {
    if (end === undefined) {
      const values = this.points.get(key);
      if (values?.delete(value) && values.size === 0) this.points.delete(key);
      return;
    }
    const name = nameOf(key, end);
    const range = this.ranges.get(name);
    if (!range?.values.delete(value) || range.values.size > 0) return;
    this.ranges.delete(name);
    this.tree = undefined;
  }

  /** Visits the values of each interval that holds the key. */
  visit(key: string, visitor: (value: T) => void): void {
    this.points.get(key)?.forEach(visitor);
    if (this.ranges.size === 0) return;
    this.tree ??= build([...this.ranges.values()]);
    visitTree(this.tree, 0, this.tree.length, key, visitor);
  }
}

interface Range<T> {
  readonly key: string;
  /** `''`: no upper bound. */
  readonly end: string;
  greatestEnd: string;
  readonly values: Set<T>;
}

function nameOf(key: string, end: string): string {
  return `${key.length}:${key}${end}`;
}

function build<T>(ranges: Range<T>[]): Range<T>[] {
  ranges.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  measure(ranges, 0, ranges.length);
  return ranges;
}

function measure<T>(tree: readonly Range<T>[], from: number, to: number): string | undefined {
  if (from >= to) return undefined;
  const middle = (from + to) >>> 1;
  const range = tree[middle]!;
  range.greatestEnd = range.end;
  for (const end of [measure(tree, from, middle), measure(tree, middle + 1, to)]) {
    if (end !== undefined && isBeyond(end, range.greatestEnd)) range.greatestEnd = end;
  }
  return range.greatestEnd;
}

function visitTree<T>(
  tree: readonly Range<T>[],
  from: number,
  to: number,
  key: string,
  visitor: (value: T) => void,
): void {
  if (from >= to) return;
  const middle = (from + to) >>> 1;
  const range = tree[middle]!;
  if (!isBeyond(range.greatestEnd, key)) return;
  visitTree(tree, from, middle, key, visitor);
  if (range.key > key) return;
  if (isBeyond(range.end, key)) range.values.forEach(visitor);
  visitTree(tree, middle + 1, to, key, visitor);
}

function isBeyond(end: string, key: string): boolean {
  return end === '' || (key !== '' && end > key);
}

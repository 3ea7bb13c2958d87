import type { KeyIndex } from './key-index.js';
import type { KeyInterval } from './key-interval.js';
import type { KeyValue } from './key-value.js';

/** The store as it was at one revision. */
export class View {
  constructor(
    private readonly index: KeyIndex,
    private readonly revision: bigint,
  ) {}

  at(revision: bigint): View {
    return new View(this.index, revision);
  }

  get(key: string): KeyValue | undefined {
    return this.index.get(key)?.at(this.revision);
  }

  /** At most `limit` keys in order (0: all), and how many there are. */
  range(interval: KeyInterval, limit = 0): { kvs: KeyValue[]; count: number } {
    const kvs: KeyValue[] = [];
    let count = 0;
    this.index.visit(interval, (history) => {
      const kv = history.at(this.revision);
      if (kv === undefined) return;
      count++;
      if (limit === 0 || count <= limit) kvs.push(kv);
    });
    return { kvs, count };
  }

  count(interval: KeyInterval): number {
    let count = 0;
    this.index.visit(interval, (history) => {
      if (history.at(this.revision) !== undefined) count++;
    });
    return count;
  }
}

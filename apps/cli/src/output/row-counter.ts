const [NEW_LINE, QUOTE] = [0x0a, 0x22];

/** How many rows there are in the parts of a text so far; undefined where rows are not lines. */
export class RowCounter {
  #count: number;
  #isQuoted = false;

  /** In JSON a line break within a text is written as an escape, in CSV it stands between quotes. */
  constructor(private readonly format: 'csv' | 'json' | 'jsonl') {
    // The first line of CSV and of an array is not of an item.
    this.#count = format === 'jsonl' ? 0 : -1;
  }

  /** Where a text is cut off within a line, that one is not counted yet. */
  add(part: Uint8Array): number {
    for (const byte of part) {
      if (byte === QUOTE && this.format === 'csv') this.#isQuoted = !this.#isQuoted;
      else if (byte === NEW_LINE && !this.#isQuoted) this.#count++;
    }
    return Math.max(0, this.#count);
  }
}

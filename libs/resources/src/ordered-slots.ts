/**
 * A sorted set of table slots, ordered by the name in each (by UTF-16 code units). It keeps them in sorted
 * chunks of a few hundred: about ten bytes a slot, and ranks, so that what matches a prefix is counted
 * without being walked.
 */
export class OrderedSlots {
  readonly #chunks: number[][] = [];
  #size = 0;

  constructor(private readonly nameOf: (slot: number) => string) {}

  get size(): number {
    return this.#size;
  }

  /** The slot's name must not be in the set. */
  add(slot: number): void {
    const name = this.nameOf(slot);
    this.#size += 1;
    const last = this.#chunks.at(-1);
    if (last === undefined || this.nameOf(last.at(-1)!) < name) {
      // Names come sorted when a snapshot is loaded: full chunks, not half full ones.
      if (last === undefined || last.length >= MAX_CHUNK) this.#chunks.push([slot]);
      else last.push(slot);
      return;
    }
    const [at, index] = this.#first((other) => other >= name);
    const chunk = this.#chunks[at]!;
    chunk.splice(index, 0, slot);
    if (chunk.length > MAX_CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(MAX_CHUNK / 2));
  }

  /** The slot must be in the set, and its name still be the same. */
  delete(slot: number): void {
    const name = this.nameOf(slot);
    const [at, index] = this.#first((other) => other >= name);
    const chunk = this.#chunks[at]!;
    chunk.splice(index, 1);
    this.#size -= 1;
    const next = this.#chunks[at + 1];
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    else if (next !== undefined && chunk.length + next.length <= MAX_CHUNK / 2) {
      this.#chunks.splice(at, 2, chunk.concat(next));
    }
  }

  /** From the first slot on whose name passes; all after it have to pass as well. Not to be changed meanwhile. */
  *from(passes: (name: string) => boolean): Generator<number> {
    let [at, index] = this.#first(passes);
    for (; at < this.#chunks.length; at += 1, index = 0) {
      const chunk = this.#chunks[at]!;
      for (; index < chunk.length; index += 1) yield chunk[index]!;
    }
  }

  /** How many stand before the first that passes. */
  rank(passes: (name: string) => boolean): number {
    const [at, index] = this.#first(passes);
    let rank = index;
    for (let before = 0; before < at; before += 1) rank += this.#chunks[before]!.length;
    return rank;
  }

  #first(passes: (name: string) => boolean): [chunk: number, index: number] {
    const chunks = this.#chunks;
    const at = lowest(chunks.length, (i) => passes(this.nameOf(chunks[i]!.at(-1)!)));
    const chunk = chunks[at];
    return [at, chunk === undefined ? 0 : lowest(chunk.length, (i) => passes(this.nameOf(chunk[i]!)))];
  }
}

const MAX_CHUNK = 512;

function lowest(end: number, passes: (index: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

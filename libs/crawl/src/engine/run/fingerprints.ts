/**
 * A set of texts that keeps 96 bits of each instead of the text: 16 to 32 bytes an entry, whatever its length.
 * Two of a million texts are taken for the same one once in 10^17 such sets.
 */
export class Fingerprints {
  /** Three words a slot; the first is never 0 in one that is taken. */
  #words = new Uint32Array(FIRST_SLOTS * 3);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(print: Fingerprint): boolean {
    return this.#words[this.#slotOf(print) * 3] !== 0;
  }

  add(print: Fingerprint): void {
    const slot = this.#slotOf(print);
    if (this.#words[slot * 3] !== 0) return;
    this.#words.set(print, slot * 3);
    if (++this.#size * 4 > (this.#mask + 1) * 3) this.#grow();
  }

  clear(): void {
    this.#words.fill(0);
    this.#size = 0;
  }

  /** Where it stands, or the free slot where it would. */
  #slotOf(print: Fingerprint): number {
    const words = this.#words;
    const a = print[0];
    const b = print[1];
    const c = print[2];
    for (let slot = b & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * 3;
      if (words[at] === 0) return slot;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return slot;
    }
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(before.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < before.length; at += 3) {
      const [a = 0, b = 0, c = 0] = before.subarray(at, at + 3);
      if (a !== 0) this.#words.set([a, b, c], this.#slotOf([a, b, c]) * 3);
    }
  }
}

/** Three words of 32 bits, the first of them not 0. */
export type Fingerprint = readonly [number, number, number];

const FIRST_SLOTS = 256;

/** Three lanes of multiply and shift over the characters, mixed at the end as MurmurHash3 does. */
export function fingerprintOf(text: string): Fingerprint {
  let a = 0x9e3779b1;
  let b = 0x85ebca77;
  let c = 0xc2b2ae3d;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x27d4eb2f);
    b = Math.imul(b ^ code ^ (a >>> 15), 0x165667b1);
    c = Math.imul(c ^ code ^ (b >>> 13), 0x9e3779b1);
  }
  a = mixed(a ^ c);
  b = mixed(b ^ a);
  c = mixed(c ^ b);
  return [a === 0 ? 1 : a, b, c];
}

function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

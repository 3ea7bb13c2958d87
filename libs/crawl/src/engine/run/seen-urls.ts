import { Fingerprints, fingerprintOf } from './fingerprints.js';

/**
 * URLs that a run has discovered before, as far as they are remembered: most links lead to what is known, and
 * the store need not be asked. Two generations: of the last so many URLs none is forgotten, of twice as many
 * none is kept.
 */
export class SeenUrls {
  #young = new Fingerprints();
  #old = new Fingerprints();

  /** `capacity` may change with the number of runs that share the memory. */
  constructor(private readonly capacity: () => number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Whether it was not remembered; it is now. */
  isNews(url: string): boolean {
    const print = fingerprintOf(url);
    if (this.#young.has(print)) return false;
    if (this.#young.size >= this.capacity()) {
      [this.#old, this.#young] = [this.#young, this.#old];
      this.#young.clear();
    }
    this.#young.add(print);
    return !this.#old.has(print);
  }

  forget(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

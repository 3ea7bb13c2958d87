import type { TakenPage } from '../../store/frontier.js';

/**
 * The pages of one host that a run has in hand: those to be fetched next, in order, and those that were begun
 * and that the store does not know the result of. What is more stays in the frontier.
 */
export class HostPages {
  #ready: TakenPage[] = [];
  /** When each of them was taken out of the frontier. */
  readonly #takenAt = new Map<number, number>();
  readonly #begun = new Map<number, TakenPage>();
  /** Whether the frontier may hold pages that are not in hand. */
  #mayHaveMore = true;
  /** There may be better ones than those in hand. */
  #isStale = false;
  #taking: { hadNews: boolean } | undefined;
  #limit = FIRST_LIMIT;

  /** The best page that may be begun. */
  get head(): TakenPage | undefined {
    return this.#ready[0];
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  get begunCount(): number {
    return this.#begun.size;
  }

  /** How many to take at once. */
  get limit(): number {
    return this.#limit;
  }

  get wantsMore(): boolean {
    if (this.#taking !== undefined || !this.#mayHaveMore) return false;
    return this.#isStale || this.#ready.length <= this.#limit / 2;
  }

  /** Nothing is in hand, and as far as is known nothing is left in the frontier. */
  get isExhausted(): boolean {
    return this.#ready.length + this.#begun.size === 0 && !this.#mayHaveMore && this.#taking === undefined;
  }

  /** What must not be taken once more. */
  held(): number[] {
    return [...this.#ready.map(({ seq }) => seq), ...this.#begun.keys()];
  }

  /** When the best one was taken out of the frontier. */
  get headTakenAt(): number {
    return this.#takenAt.get(this.head?.seq ?? 0) ?? Infinity;
  }

  begin(): TakenPage | undefined {
    const page = this.#ready.shift();
    if (page === undefined) return undefined;
    this.#takenAt.delete(page.seq);
    this.#begun.set(page.seq, page);
    // It runs dry faster than it is filled.
    if (this.#ready.length === 0 && this.#mayHaveMore) this.#limit = Math.min(MAX_LIMIT, this.#limit * 2);
    return page;
  }

  /** It was not fetched after all. */
  putBack(page: TakenPage): void {
    if (!this.#begun.delete(page.seq)) return;
    this.#ready = [page, ...this.#ready].sort(byOrder);
  }

  /** The store knows what came of it. */
  settled(seq: number): void {
    this.#begun.delete(seq);
  }

  /** The frontier has got a page of this host. */
  discovered(page: { priority: number; depth: number }): void {
    this.mayHaveMore();
    const worst = this.#ready.at(-1);
    if (worst === undefined) return;
    this.#isStale ||=
      page.priority > worst.priority || (page.priority === worst.priority && page.depth < worst.depth);
  }

  mayHaveMore(): void {
    this.#mayHaveMore = true;
    if (this.#taking !== undefined) this.#taking.hadNews = true;
  }

  takes(): void {
    this.#taking = { hadNews: false };
    this.#isStale = false;
  }

  /** Undefined: they could not be had. */
  took(pages: readonly TakenPage[] | undefined, limit: number, now = 0): void {
    const hadNews = this.#taking?.hadNews ?? false;
    this.#taking = undefined;
    if (pages === undefined) return;
    this.#mayHaveMore = hadNews || pages.length >= limit;
    if (pages.length === 0) return;
    this.#ready = [...this.#ready, ...pages].sort(byOrder);
    for (const { seq } of pages) this.#takenAt.set(seq, now);
    if (this.#ready.length > MAX_READY) {
      for (const { seq } of this.#ready.splice(MAX_READY)) this.#takenAt.delete(seq);
      this.#mayHaveMore = true;
    }
  }

  /** Leaves to the frontier what was not begun. */
  drop(): void {
    if (this.#ready.length > 0) this.#mayHaveMore = true;
    this.#ready = [];
    this.#takenAt.clear();
    this.#limit = FIRST_LIMIT;
  }
}

/** Greater priority first, then less depth, then earlier discovery. */
export function byOrder(a: TakenPage, b: TakenPage): number {
  return b.priority - a.priority || a.depth - b.depth || a.seq - b.seq;
}

const FIRST_LIMIT = 16;
const MAX_LIMIT = 256;
const MAX_READY = 2 * MAX_LIMIT;

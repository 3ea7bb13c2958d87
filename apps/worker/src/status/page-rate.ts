/** How many a second, over the last ten seconds. */
export class PageRate {
  /** One count for each second, by its number. */
  readonly #counts = new Map<number, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  count(): void {
    const second = Math.floor(this.now() / 1_000);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + 1);
    if (this.#counts.size > WINDOW_S + 1) this.#forget(second);
  }

  perSecond(): number {
    const second = Math.floor(this.now() / 1_000);
    this.#forget(second);
    let sum = 0;
    // The present second is not over: its share would pull the rate down.
    for (const [at, count] of this.#counts) if (at < second) sum += count;
    return sum / WINDOW_S;
  }

  #forget(second: number): void {
    for (const at of this.#counts.keys()) if (at < second - WINDOW_S) this.#counts.delete(at);
  }
}

const WINDOW_S = 10;

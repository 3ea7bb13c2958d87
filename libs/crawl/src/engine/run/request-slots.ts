/** Requests that a process may have open at once, shared fairly by its runs. */
export class RequestSlots {
  #freeCount: number;
  /** Told when one is free, in turn. */
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#freeCount = count;
  }

  get freeCount(): number {
    return this.#freeCount;
  }

  /** False when there is none: `wake` is then called once when it is worth trying again. */
  take(wake: () => void): boolean {
    if (this.#freeCount > 0) {
      this.#freeCount--;
      return true;
    }
    if (!this.#waiting.includes(wake)) this.#waiting.push(wake);
    return false;
  }

  free(): void {
    this.#freeCount++;
    // Who is told may have no use for it any more.
    for (let count = this.#waiting.length; count > 0 && this.#freeCount > 0; count--)
      this.#waiting.shift()?.();
  }

  forget(wake: () => void): void {
    this.#waiting = this.#waiting.filter((other) => other !== wake);
  }
}

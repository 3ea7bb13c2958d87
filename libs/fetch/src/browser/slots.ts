/** At most so many at once, the others in a queue with a bound. */
export class Slots {
  #freeCount: number;
  readonly #waiting: (() => void)[] = [];

  constructor(
    count: number,
    private readonly maxWaiting: number,
  ) {
    this.#freeCount = count;
  }

  /** Gives what gives the slot back, or undefined when too many wait or the signal fires first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.#freeCount > 0) this.#freeCount -= 1;
    else if (this.#waiting.length >= this.maxWaiting || !(await this.#turn(signal))) return undefined;
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#freeCount += 1;
      else next();
    };
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const comes = (): void => {
        signal.removeEventListener('abort', aborted);
        resolve(true);
      };
      const aborted = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(comes), 1);
        resolve(false);
      };
      this.#waiting.push(comes);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}

/** Gives a slot back; to be called once. */
export type Leave = () => void;

/** A bound on what runs at once. Who waits longest is next. */
export class Slots {
  #free: number;
  readonly #queue = new Set<(leave: Leave) => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Calls `enter` when a slot is there, perhaps at once. Gives what leaves the queue before. */
  queue(enter: (leave: Leave) => void): () => void {
    if (this.#free > 0) {
      this.#free--;
      enter(this.#leave);
    } else this.#queue.add(enter);
    return () => this.#queue.delete(enter);
  }

  /** The same for one who waits. Rejects when the signal fires before. */
  async enter(signal: AbortSignal): Promise<Leave> {
    signal.throwIfAborted();
    let giveUp = (): void => {};
    try {
      return await new Promise<Leave>((resolve, reject) => {
        const quit = this.queue(resolve);
        giveUp = () => {
          quit();
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', giveUp, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  readonly #leave = (): void => {
    const [next] = this.#queue;
    if (next === undefined) this.#free++;
    else {
      this.#queue.delete(next);
      next(this.#leave);
    }
  };
}

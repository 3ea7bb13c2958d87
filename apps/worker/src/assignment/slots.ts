/** Gives a slot back; to be called once. */
export type Leave = () => void;

/** One who waits for a slot with nothing under way. */
export interface InLine {
  /** It is its turn. */
  enter(leave: Leave): void;
}

/** A bound on what runs at once. Who waits longest is next. */
export class Slots {
  #free: number;
  readonly #queue = new Set<InLine>();

  constructor(count: number) {
    this.#free = count;
  }

  /** It enters when a slot is there, perhaps at once. */
  queue(one: InLine): void {
    if (this.#free > 0) {
      this.#free--;
      one.enter(this.#leave);
    } else this.#queue.add(one);
  }

  /** It waits no longer. */
  quit(one: InLine): void {
    this.#queue.delete(one);
  }

  /** Resolves when a slot is there. Rejects when the signal fires before. */
  async enter(signal: AbortSignal): Promise<Leave> {
    signal.throwIfAborted();
    let giveUp = (): void => {};
    try {
      return await new Promise<Leave>((resolve, reject) => {
        const one = { enter: resolve };
        this.queue(one);
        giveUp = () => {
          this.quit(one);
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
      next.enter(this.#leave);
    }
  };
}

/**
 * Bounds the memory of all bodies that are being read together. Beyond the bound one body may go on, the others
 * wait: so whoever holds memory is never kept waiting by others who do the same.
 */
export class BodyMemory {
  #heldBytes = 0;
  /** The one that may go on beyond the bound. */
  #favoured: BodyShare | undefined;
  readonly #waiting = new Map<BodyShare, () => void>();

  constructor(private readonly maxBytes: number) {}

  open(): BodyShare {
    const share: BodyShare = {
      heldBytes: 0,
      grow: (bytes, goOn) => {
        share.heldBytes += bytes;
        this.#heldBytes += bytes;
        if (this.#mayGoOn(share)) return true;
        this.#waiting.set(share, goOn);
        return false;
      },
      close: () => {
        this.#heldBytes -= share.heldBytes;
        share.heldBytes = 0;
        if (this.#favoured === share) this.#favoured = undefined;
        this.#waiting.delete(share);
        for (const [next, goOn] of this.#waiting) {
          if (!this.#mayGoOn(next)) break;
          this.#waiting.delete(next);
          goOn();
        }
      },
    };
    return share;
  }

  #mayGoOn(share: BodyShare): boolean {
    if (this.#heldBytes <= this.maxBytes) return true;
    this.#favoured ??= share;
    return this.#favoured === share;
  }
}

export interface BodyShare {
  heldBytes: number;
  /** Counts bytes that are held already. False: take no more before `goOn` is called. */
  grow(bytes: number, goOn: () => void): boolean;
  close(): void;
}

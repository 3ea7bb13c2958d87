/** Wakes one who waits. What rings while nobody waits is heard by the next. */
export class Bell {
  #hasRung = false;
  #wake: () => void = () => {};

  ring(): void {
    this.#hasRung = true;
    this.#wake();
  }

  /** Resolves when it rings, when the time is over or when the signal fires. One at a time. */
  async heard(signal: AbortSignal, ms?: number): Promise<void> {
    if (!this.#hasRung && !signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', this.#wake, { once: true });
        if (ms !== undefined) timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      signal.removeEventListener('abort', this.#wake);
    }
    this.#hasRung = false;
  }
}

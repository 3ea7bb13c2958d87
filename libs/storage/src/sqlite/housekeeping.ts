/** Does one step after another while there is something to do; then looks again when woken, or after an hour. */
export class Housekeeping {
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `step` gives whether there is more to do. */
  constructor(private readonly step: () => Promise<boolean>) {
    this.wake();
  }

  wake(): void {
    this.#wait(PAUSE_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    // What is wrong with the file is told to those who want something of it; this can wait.
    const isMore = await this.step().catch(() => false);
    this.#wait(isMore ? PAUSE_MS : HOUR_MS);
  }

  #wait(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
  }
}

/** Between steps others have their turn with the file. */
const PAUSE_MS = 20;
const HOUR_MS = 3_600_000;

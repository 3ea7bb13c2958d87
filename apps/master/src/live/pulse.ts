/** Counts the changes of what it watches, and wakes who waits for the next one. */
export class Pulse {
  private count = 0;
  private readonly waiting = new Set<() => void>();

  /** Another after each change. */
  get version(): number {
    return this.count;
  }

  readonly beat = (): void => {
    this.count++;
    if (this.waiting.size === 0) return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  };

  /** Returns at once if there has been a change since that version; also when the signal fires or the time is up. */
  async since(version: number, signal: AbortSignal, timeoutMs?: number): Promise<void> {
    if (version !== this.count || signal.aborted) return;
    let wake = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.waiting.add(wake);
        signal.addEventListener('abort', wake);
        if (timeoutMs !== undefined) timer = setTimeout(wake, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }
}

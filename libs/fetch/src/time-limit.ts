/**
 * The caller's signal and the one time limit of a request, as one thing that can be over. Not AbortSignal.any:
 * it costs more than the rest of a small request and leaves a trace on a signal that outlives millions of them.
 */
export class TimeLimit {
  #over: 'time' | 'caller' | undefined;
  #stop: () => void = () => {};
  readonly #timer: NodeJS.Timeout;
  readonly #endsAt: number;

  constructor(
    private readonly signal: AbortSignal,
    readonly timeoutMs: number,
  ) {
    this.#endsAt = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#end('time'), timeoutMs);
    this.signal.addEventListener('abort', this.#aborted, { once: true });
    if (signal.aborted) this.#over = 'caller';
  }

  get over(): 'time' | 'caller' | undefined {
    return this.#over;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** What to stop when it is over, in place of what was to be stopped before. At once when it is over. */
  stops(stop: () => void): void {
    this.#stop = stop;
    if (this.#over !== undefined) stop();
  }

  release(): void {
    clearTimeout(this.#timer);
    this.signal.removeEventListener('abort', this.#aborted);
    this.#stop = () => {};
  }

  readonly #aborted = (): void => this.#end('caller');

  #end(over: 'time' | 'caller'): void {
    if (this.#over !== undefined) return;
    this.#over = over;
    this.#stop();
  }
}

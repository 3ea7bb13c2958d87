/**
 * The caller's signal and the one time limit of a request, as one thing that can be over. Not AbortSignal.any:
 * it costs more than the rest of a small request and leaves a trace on a signal that outlives millions of them.
 */
export class TimeLimit {
  #over: 'time' | 'caller' | undefined;
  #stop: () => void = () => {};
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly signal: AbortSignal,
    readonly timeoutMs: number,
  ) {
    this.#timer = setTimeout(() => this.end('time'), timeoutMs);
    if (signal.aborted) this.#over = 'caller';
    else limitsOf(signal).add(this);
  }

  get over(): 'time' | 'caller' | undefined {
    return this.#over;
  }

  /** What to stop when it is over, in place of what was to be stopped before. At once when it is over. */
  stops(stop: () => void): void {
    this.#stop = stop;
    if (this.#over !== undefined) stop();
  }

  release(): void {
    clearTimeout(this.#timer);
    limitsOf(this.signal).delete(this);
    this.#stop = () => {};
  }

  /** What was to be stopped is. */
  end(over: 'time' | 'caller'): void {
    if (this.#over !== undefined) return;
    this.#over = over;
    this.#stop();
  }
}

/** One listener for all limits of a signal: an EventTarget looks through all of its listeners to add or remove one. */
function limitsOf(signal: AbortSignal): Set<TimeLimit> {
  let limits = LIMITS.get(signal);
  if (limits === undefined) {
    const all = (limits = new Set<TimeLimit>());
    LIMITS.set(signal, all);
    signal.addEventListener('abort', () => all.forEach((limit) => limit.end('caller')), { once: true });
  }
  return limits;
}

const LIMITS = new WeakMap<AbortSignal, Set<TimeLimit>>();

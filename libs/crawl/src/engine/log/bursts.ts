import type { Timer } from '../../politeness/timer.js';

/**
 * Keeps short what says the same thing very often: of each kind the first few pass, the others are counted, and
 * how many there were is told after a while, which is twice as long each time until the kind has gone quiet.
 */
export class Bursts<T> {
  readonly #bursts = new Map<string, Burst<T>>();
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly timer: Timer,
    /** So many were held back, of which this is the last. */
    private readonly tell: (last: T, count: number) => void,
  ) {}

  /** Whether it may pass; else it is counted. `most` may do so in a while. */
  admits(kind: string, most: number, said: T): boolean {
    const now = this.timer.now();
    const burst = this.#burst(kind, most, now);
    if (burst === undefined) return true;
    if (burst.left > 0) {
      burst.left--;
      return true;
    }
    burst.count++;
    burst.last = said;
    this.#cancelTimer ??= this.timer.after(Math.max(0, burst.until - now), () => this.#look());
    return false;
  }

  /** Tells of all that was held back. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const bursts = [...this.#bursts.values()];
    this.#bursts.clear();
    for (const { last, count } of bursts) if (last !== undefined) this.tell(last, count);
  }

  /** Undefined: there are too many kinds to look after one more. */
  #burst(kind: string, most: number, now: number): Burst<T> | undefined {
    const known = this.#bursts.get(kind);
    if (known !== undefined && (now < known.until || known.count > 0)) return known;
    if (known === undefined && this.#bursts.size >= MAX_KINDS) this.#forgetQuiet(now);
    if (known === undefined && this.#bursts.size >= MAX_KINDS) return undefined;
    const burst = { left: most, count: 0, last: undefined, until: now + FIRST_MS, lengthMs: FIRST_MS };
    this.#bursts.set(kind, burst);
    return burst;
  }

  #forgetQuiet(now: number): void {
    for (const [kind, { count, until }] of this.#bursts) {
      if (count === 0 && now >= until) this.#bursts.delete(kind);
    }
  }

  #look(): void {
    this.#cancelTimer = undefined;
    const now = this.timer.now();
    let nextAt = Infinity;
    for (const burst of this.#bursts.values()) {
      const { last, count } = burst;
      if (last === undefined) continue;
      if (now >= burst.until) {
        burst.lengthMs = Math.min(LONGEST_MS, burst.lengthMs * 2);
        Object.assign(burst, { count: 0, last: undefined, until: now + burst.lengthMs });
        this.tell(last, count);
      } else nextAt = Math.min(nextAt, burst.until);
    }
    if (nextAt < Infinity) this.#cancelTimer ??= this.timer.after(nextAt - now, () => this.#look());
  }
}

interface Burst<T> {
  /** How many may still pass. */
  left: number;
  count: number;
  last: T | undefined;
  until: number;
  lengthMs: number;
}

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;
const MAX_KINDS = 1_000;

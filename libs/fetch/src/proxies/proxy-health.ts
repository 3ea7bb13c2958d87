/** Which proxy is next: in turn, those in health first. One that fails rests, longer each time. */
export class ProxyHealth {
  #turn = 0;
  /** Of proxies that are not in health; bounded by what tasks name. */
  readonly #ill = new Map<string, { failures: number; restsUntil: number }>();

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(private readonly now: () => number) {}

  /** Those to try, one after the other. When all rest: the one that has rested enough soonest. */
  order(proxies: readonly string[]): string[] {
    this.#turn += 1;
    const first = this.#turn % Math.max(1, proxies.length);
    const inTurn = [...proxies.slice(first), ...proxies.slice(0, first)];
    const rested = inTurn.filter((proxy) => this.#restsUntil(proxy) <= this.now());
    if (rested.length > 0) return rested;
    return inTurn.toSorted((a, b) => this.#restsUntil(a) - this.#restsUntil(b)).slice(0, 1);
  }

  worked(proxy: string): void {
    this.#ill.delete(proxy);
  }

  failed(proxy: string): void {
    const failures = (this.#ill.get(proxy)?.failures ?? 0) + 1;
    const restMs = Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS);
    this.#ill.set(proxy, { failures, restsUntil: this.now() + restMs });
    const [oldest] = this.#ill.keys();
    if (this.#ill.size > MAX_ILL && oldest !== undefined) this.#ill.delete(oldest);
  }

  #restsUntil(proxy: string): number {
    return this.#ill.get(proxy)?.restsUntil ?? 0;
  }
}

const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 300_000;
const MAX_ILL = 10_000;

import type { HttpFetcher, RequestTerms } from '../fetch/http-fetcher.js';
import type { HostGates, Trouble, Turn } from './host-gates.js';
import { NO_RULES, parseRobots, type RobotsRules } from './robots-rules.js';

/**
 * The robots.txt of each origin, fetched through the host's gate and kept for an hour. No file (4xx): no
 * rules. No answer, or one that says "later": it is not known what is allowed, so nothing is (RFC 9309, 2.3).
 */
export class RobotsCache {
  readonly #kept = new Map<string, { rules: RobotsRules; until: number }>();

  constructor(
    private readonly fetcher: HttpFetcher,
    private readonly gates: HostGates,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The rules, or why they are not known; the host's gate knows of the trouble then. */
  async rulesOf(
    { origin, host }: { origin: string; host: string },
    terms: RequestTerms & { delayMs: number },
  ): Promise<{ rules: RobotsRules } | { unknown: string }> {
    const kept = this.#fresh(origin);
    if (kept !== undefined) return { rules: kept };
    const turn = await this.gates.enter(host, terms.delayMs, terms.tenure.signal);
    let outcome: Parameters<Turn['end']>[0] = 'abandoned';
    try {
      // Another task may have fetched it while this one waited.
      const rules = this.#fresh(origin);
      if (rules !== undefined) return { rules };
      const fetched = await this.#fetch(`${origin}/robots.txt`, terms);
      if ('reason' in fetched) {
        outcome = fetched;
        return { unknown: `robots.txt: ${fetched.reason}` };
      }
      outcome = 'served';
      this.#keep(origin, fetched.rules);
      return fetched;
    } finally {
      turn.end(outcome);
    }
  }

  async #fetch(
    robotsUrl: string,
    terms: RequestTerms,
  ): Promise<{ rules: RobotsRules } | (Trouble & { reason: string })> {
    let url = robotsUrl;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const chunks: Buffer[] = [];
      const answer = await this.fetcher.fetch(
        url,
        { ...terms, accept: 'text/plain,*/*;q=0.1', maxBytes: MAX_BYTES, beyond: 'cut' },
        (head) => (head.status === 200 ? (chunk) => void chunks.push(chunk) : undefined),
      );
      if (answer.kind !== 'answer') return { reason: answer.reason, retryAfterMs: undefined };
      const { status, location, retryAfterMs } = answer;
      if (status === 429 || status >= 500) return { reason: `HTTP ${status}`, retryAfterMs };
      if (status === 200) return { rules: parseRobots(robotsUrl, Buffer.concat(chunks).toString('utf8')) };
      if (location === undefined) break;
      url = location;
    }
    return { rules: NO_RULES };
  }

  #fresh(origin: string): RobotsRules | undefined {
    const kept = this.#kept.get(origin);
    return kept !== undefined && kept.until > this.now() ? kept.rules : undefined;
  }

  #keep(origin: string, rules: RobotsRules): void {
    // The oldest goes first.
    this.#kept.delete(origin);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MAX_ORIGINS) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(origin, { rules, until: this.now() + KEPT_MS });
  }
}

const KEPT_MS = 3_600_000;
const MAX_ORIGINS = 1_000;
/** RFC 9309 asks for 500 KiB at least; what stands beyond is not read. */
const MAX_BYTES = 512 * 1024;
const MAX_REDIRECTS = 5;

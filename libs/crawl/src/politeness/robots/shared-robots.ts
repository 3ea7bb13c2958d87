import type { Fetcher } from '@app/fetch';
import { normalizeUrl } from '@app/tasks';
import type { GateStore } from '../../store/gate-store.js';
import type { HostGates } from '../gates/host-gates.js';
import type { SeatTerms } from '../gates/host-gate.js';
import type { Outcome } from '../gates/host-health.js';
import { NO_RULES, RobotsRules } from './robots-rules.js';

/** On whose behalf a robots.txt is fetched. */
export interface RobotsTerms extends SeatTerms {
  userAgent: string;
  timeoutMs: number;
  proxies: readonly string[];
  signal: AbortSignal;
  maySend: () => boolean;
}

/** `tries`: how often in a row the file could not be had, and since when. */
export type RobotsAnswer = { rules: RobotsRules } | { unknown: string; tries: number; sinceAt: number };

export interface SharedRobotsParts {
  fetcher: Fetcher;
  gates: HostGates;
  store: Pick<GateStore, 'robots' | 'saveRobots'>;
  wallNow?: () => number;
}

/**
 * The robots.txt of each origin (RFC 9309), for all tasks of all workers of a store: fetched through the gate of
 * its host, each redirect through that of its own, and relied on for a day. No file (4xx): no rules. No answer,
 * or one of a server in trouble: it is not known what is allowed, so nothing is, until that has lasted a day.
 */
export class SharedRobots {
  readonly #kept = new Map<string, { rules: RobotsRules; until: number; size: number }>();
  #keptSize = 0;
  readonly #inTrouble = new Map<string, { tries: number; sinceAt: number }>();
  /** One at a time for each origin. */
  readonly #fetching = new Map<string, Promise<RobotsAnswer>>();
  readonly #wallNow: () => number;

  constructor(private readonly parts: SharedRobotsParts) {
    this.#wallNow = parts.wallNow ?? Date.now;
  }

  /** What is known without asking anybody. */
  peek(origin: string): RobotsRules | undefined {
    const kept = this.#kept.get(origin);
    return kept !== undefined && kept.until > this.#wallNow() ? kept.rules : undefined;
  }

  /** Rejects (CANCELLED or the signal's reason) when the right to send is over; STORE_UNAVAILABLE. */
  async rulesOf(origin: string, terms: RobotsTerms): Promise<RobotsAnswer> {
    for (;;) {
      const rules = this.peek(origin);
      if (rules !== undefined) return { rules };
      const underway = this.#fetching.get(origin);
      if (underway === undefined) break;
      const answer = await underway.catch(() => undefined);
      terms.signal.throwIfAborted();
      // Undefined: whoever fetched it had to stop. Then it is for the next one.
      if (answer !== undefined) return answer;
    }
    const fetching = this.#find(origin, terms).finally(() => this.#fetching.delete(origin));
    this.#fetching.set(origin, fetching);
    return fetching;
  }

  async #find(origin: string, terms: RobotsTerms): Promise<RobotsAnswer> {
    const stored = await this.parts.store.robots(origin);
    if (stored !== undefined) {
      return { rules: this.#keep(origin, stored.text, stored.fetchedAt + stored.freshMs) };
    }
    const fetched = await this.#fetch(`${origin}/robots.txt`, terms);
    const now = this.#wallNow();
    if ('text' in fetched) {
      this.#inTrouble.delete(origin);
      await this.parts.store.saveRobots(origin, { text: fetched.text, fetchedAt: now, freshMs: FRESH_MS });
      return { rules: this.#keep(origin, fetched.text, now + FRESH_MS) };
    }
    const { tries, sinceAt } = this.#inTrouble.get(origin) ?? { tries: 0, sinceAt: now };
    if (tries === 0 && this.#inTrouble.size >= MAX_ORIGINS) dropOldest(this.#inTrouble);
    this.#inTrouble.set(origin, { tries: tries + 1, sinceAt });
    if (now - sinceAt >= UNAVAILABLE_MS) return { rules: this.#keep(origin, '', now + TAKEN_FOR_MISSING_MS) };
    return { unknown: `robots.txt: ${fetched.reason}`, tries: tries + 1, sinceAt };
  }

  /** The text, empty where there is no file. */
  async #fetch(robotsUrl: string, terms: RobotsTerms): Promise<{ text: string } | { reason: string }> {
    let url = normalizeUrl(robotsUrl);
    for (let redirects = 0; url !== undefined && redirects <= MAX_REDIRECTS; redirects++) {
      const turn = await this.parts.gates.enter(url.host, terms, terms.signal);
      let outcome: Outcome = { kind: 'unsent' };
      try {
        const answer = await this.parts.fetcher.fetch({
          url: url.href,
          userAgent: terms.userAgent,
          accept: 'text/plain,*/*;q=0.1',
          headers: {},
          cookies: undefined,
          etag: '',
          lastModified: '',
          timeoutMs: terms.timeoutMs,
          maxBytes: MAX_BYTES,
          beyond: 'cut',
          proxies: terms.proxies,
          signal: terms.signal,
          maySend: () => turn.maySend() && terms.maySend(),
          onSend: () => {
            // Cut off on its way, it counts as one.
            outcome = { kind: 'served' };
          },
        });
        if (answer.kind === 'unreachable') {
          outcome = { kind: 'unreachable', reason: answer.reason };
          return { reason: answer.reason };
        }
        outcome = { kind: 'served' };
        // The host, or what it sends, must not be touched: so will its pages be.
        if (answer.kind === 'refused') return { text: '' };
        const { status, body, retryAfterMs } = answer;
        if (status === 429 || status >= 500) {
          outcome = { kind: 'throttled', reason: `HTTP ${status}`, retryAfterMs };
          return { reason: `HTTP ${status}` };
        }
        if (answer.location === undefined) return { text: status === 200 ? whole(body) : '' };
        url = normalizeUrl(answer.location);
      } finally {
        turn.end(outcome);
      }
    }
    return { text: '' };
  }

  #keep(origin: string, text: string, until: number): RobotsRules {
    this.#forget(origin);
    const size = text.length;
    const rules = size === 0 ? NO_RULES : new RobotsRules(text);
    while (this.#kept.size >= MAX_ORIGINS || (this.#keptSize + size > MAX_KEPT_SIZE && this.#kept.size > 0)) {
      this.#forget(this.#kept.keys().next().value as string);
    }
    this.#kept.set(origin, { rules, until, size });
    this.#keptSize += size;
    return rules;
  }

  #forget(origin: string): void {
    this.#keptSize -= this.#kept.get(origin)?.size ?? 0;
    this.#kept.delete(origin);
  }
}

/** The lines that are there from beginning to end. */
function whole(body: Buffer): string {
  const text = body.toString('utf8');
  return body.length < MAX_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

function dropOldest(map: Map<string, unknown>): void {
  map.delete(map.keys().next().value as string);
}

const FRESH_MS = 24 * 3_600_000;
const UNAVAILABLE_MS = 24 * 3_600_000;
/** Then it is asked for again. */
const TAKEN_FOR_MISSING_MS = 3_600_000;
/** RFC 9309 asks for 500 KiB at least; what stands beyond is not read. */
const MAX_BYTES = 512 * 1024;
const MAX_REDIRECTS = 5;
const MAX_ORIGINS = 5_000;
/** In characters, of all that is kept in memory. */
const MAX_KEPT_SIZE = 8 * 1024 * 1024;

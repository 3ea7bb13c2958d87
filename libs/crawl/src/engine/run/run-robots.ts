import type { CrawledHost } from '../../task/crawled-host.js';
import type { CrawlParts } from '../crawl-parts.js';
import type { RunLines } from '../log/run-lines.js';
import type { VisitTerms } from '../page/visit.js';
import type { RunHost } from './run-host.js';
import { pauseMs } from './store-line.js';
import type { Underway } from './underway.js';

export interface RunRobotsParts {
  terms: VisitTerms;
  underway: Underway;
  lines: RunLines;
  /** There may be something to begin. */
  news: () => void;
  /** It cannot be known, and will not be, what may be fetched there. */
  givenUp: (host: RunHost, reason: string) => Promise<void>;
}

/** What a run may fetch of its hosts: by their robots.txt, which is asked for when there is a page of theirs. */
export class RunRobots {
  constructor(
    private readonly crawl: Pick<CrawlParts, 'robots' | 'timer' | 'patience'>,
    private readonly parts: RunRobotsParts,
  ) {}

  /** Undefined: that is being found out. */
  mayFetch(host: RunHost, url: string, now: number): boolean | undefined {
    const { robots, userAgent } = this.parts.terms.spec;
    if (robots === 'ignore') return true;
    host.origin = url.slice(0, url.indexOf('/', url.indexOf('://') + 3));
    const rules = this.crawl.robots.peek(host.origin);
    if (rules === undefined) {
      if (!host.isAsking && now >= host.askAgainAt) this.parts.underway.track(this.#ask(host, host.origin));
      return undefined;
    }
    host.seat?.atLeast(rules.crawlDelayMs(userAgent));
    return rules.allows(url, userAgent);
  }

  verdict({ origin }: RunHost): CrawledHost['robots'] {
    const { robots, userAgent } = this.parts.terms.spec;
    if (robots === 'ignore') return 'ignored';
    return this.crawl.robots.peek(origin)?.verdict(userAgent) ?? 'unknown';
  }

  async #ask(host: RunHost, origin: string): Promise<void> {
    const { terms, underway, lines, news, givenUp } = this.parts;
    const { spec, signal, maySend } = terms;
    const { timer, robots, patience } = this.crawl;
    const { delayMs, waitTimeMs, userAgent, timeoutMs, proxies } = spec;
    const seat = { delayMs, waitTimeMs, concurrency: 1 };
    host.isAsking = true;
    const answer = await underway.ask(() =>
      robots.rulesOf(origin, { ...seat, userAgent, timeoutMs, proxies, signal, maySend }),
    );
    host.isAsking = false;
    news();
    if (answer === undefined || 'rules' in answer) return;
    const { tries, sinceAt, unknown } = answer;
    host.askAgainAt = timer.now() + pauseMs(tries);
    if (tries >= patience.probes && Date.now() - sinceAt >= patience.deadAfterMs) {
      await givenUp(host, `${unknown}, so it is not known what may be fetched`);
    } else lines.robotsUnknown(host.name, unknown, pauseMs(tries));
  }
}

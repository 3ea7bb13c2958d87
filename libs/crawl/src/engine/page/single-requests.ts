import { OrbweaverError } from '@app/errors';
import type { FetchAnswer, FetchRequest } from '@app/fetch';
import type { TaskSpec } from '@app/tasks';
import type { RobotsAnswer } from '../../politeness/robots/shared-robots.js';
import type { CrawlParts } from '../crawl-parts.js';
import { outcomeOf } from './page-result.js';

/**
 * Requests of no run, for pages that somebody looks at: they pass the gates of their hosts as those of runs do, so
 * no host is asked faster for them. They wait for their turn until their signal fires.
 */
export class SingleRequests {
  constructor(private readonly parts: Pick<CrawlParts, 'fetchers' | 'gates' | 'robots'>) {}

  /** By the fetcher of the spec. Rejects with the signal's reason, or CANCELLED. */
  async fetch(spec: TaskSpec, request: FetchRequest): Promise<FetchAnswer> {
    const fetcher = this.parts.fetchers[spec.fetcher];
    if (fetcher === undefined) throw new OrbweaverError('FAILED_PRECONDITION', 'there is no browser here');
    const { host, origin } = new URL(request.url);
    const robotsDelayMs =
      spec.robots === 'ignore' ? 0 : this.parts.robots.peek(origin)?.crawlDelayMs(spec.userAgent);
    const delayMs = Math.max(spec.delayMs, robotsDelayMs ?? 0);
    const turn = await this.parts.gates.enter(host, { ...termsOf(spec), delayMs }, request.signal);
    let isSent = false;
    try {
      const answer = await fetcher.fetch({
        ...request,
        maySend: () => turn.maySend() && request.maySend(),
        onSend: () => {
          isSent = true;
        },
      });
      turn.end(outcomeOf(answer));
      return answer;
    } finally {
      turn.end({ kind: isSent ? 'served' : 'unsent' });
    }
  }

  robots(spec: TaskSpec, origin: string, signal: AbortSignal): Promise<RobotsAnswer> {
    const { userAgent, timeoutMs, proxies } = spec;
    const maySend = (): boolean => !signal.aborted;
    return this.parts.robots.rulesOf(origin, {
      ...termsOf(spec),
      userAgent,
      timeoutMs,
      proxies,
      signal,
      maySend,
    });
  }
}

function termsOf({ delayMs, waitTimeMs }: TaskSpec) {
  return { delayMs, waitTimeMs, concurrency: 1 };
}

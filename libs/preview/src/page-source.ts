import { RobotsRules } from '@app/crawl';
import type { FetchAnswer, Fetcher, FetchRequest } from '@app/fetch';
import type { TaskSpec } from '@app/tasks';

/** Where pages come from that somebody looks at. */
export interface PageSource {
  fetch(spec: TaskSpec, request: FetchRequest): Promise<FetchAnswer>;
  /** What robots.txt of the origin says, or why that cannot be known. */
  robots(
    spec: TaskSpec,
    origin: string,
    signal: AbortSignal,
  ): Promise<{ rules: RobotsRules } | { unknown: string }>;
}

/** Hosts are asked at once, and for their robots.txt each time: on a machine of one's own there is nobody to wait for. */
export class DirectSource implements PageSource {
  constructor(private readonly fetchers: Readonly<Record<TaskSpec['fetcher'], Fetcher>>) {}

  fetch(spec: TaskSpec, request: FetchRequest): Promise<FetchAnswer> {
    return this.fetchers[spec.fetcher].fetch(request);
  }

  async robots(spec: TaskSpec, origin: string, signal: AbortSignal) {
    const file = `${origin}/robots.txt`;
    const answer = await this.fetchers.http.fetch({
      url: file,
      userAgent: spec.userAgent,
      accept: 'text/plain',
      headers: {},
      cookies: undefined,
      etag: '',
      lastModified: '',
      timeoutMs: spec.timeoutMs,
      maxBytes: ROBOTS_BYTES,
      beyond: 'cut',
      proxies: spec.proxies,
      signal,
      maySend: () => !signal.aborted,
    });
    if (answer.kind !== 'answer' || answer.status >= 500) {
      const why = answer.kind === 'answer' ? `HTTP ${answer.status}` : answer.reason;
      return { unknown: `${file} cannot be had (${why})` };
    }
    return { rules: new RobotsRules(answer.status === 200 ? answer.body.toString() : '') };
  }
}

const ROBOTS_BYTES = 512 * 1024;

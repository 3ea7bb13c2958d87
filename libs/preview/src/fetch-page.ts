import type { PageContent } from '@app/extract';
import type { FetchAnswer, FetchRequest } from '@app/fetch';
import { normalizeUrl, urlScope, type TaskSpec } from '@app/tasks';
import { CookieJar } from 'tough-cookie';
import type { PageSource } from './page-source.js';

/** A page as a crawl would get it, or why it would not. */
export interface FetchedPage {
  /** Where it was asked for, and where it was in the end. */
  asked: string;
  url: string;
  status: number;
  tookMs: number;
  robots: RobotsAnswer;
  /** Things to know before the task is added. */
  remarks: string[];
  /** Undefined: the page failed. */
  content: Omit<PageContent, 'rule' | 'depth' | 'carried'> | undefined;
  /** Empty when there is a content. */
  reason: string;
}

export interface RobotsAnswer {
  isAllowed: boolean;
  /** What the host asks for. */
  crawlDelayMs: number;
  /** For a person to read. */
  says: string;
}

const MOST_REDIRECTS = 10;

/** Fetches one page now, with the settings of the task and as politely as one page can be. */
export async function fetchPage(
  spec: TaskSpec,
  asked: string,
  source: PageSource,
  signal: AbortSignal,
): Promise<FetchedPage> {
  const isInScope = urlScope(spec);
  const request = requestsOf(spec, signal);
  const remarks: string[] = [];
  let url = asked;
  for (let redirects = 0; ; redirects++) {
    const robots = await askRobots(spec, url, source, signal);
    const failed = (reason: string, status = 0, tookMs = 0): FetchedPage => ({
      asked,
      url,
      status,
      tookMs,
      robots,
      remarks,
      content: undefined,
      reason,
    });
    if (!robots.isAllowed && spec.robots === 'obey') return failed(robots.says);
    const startedAt = performance.now();
    const answer = await source.fetch(spec, request(url));
    const tookMs = Math.round(performance.now() - startedAt);
    if (answer.kind !== 'answer') return failed(answer.reason, statusOf(answer), tookMs);
    const { status, location, contentType, body } = answer;
    if (status >= 200 && status < 300) {
      return { asked, url, status, tookMs, robots, remarks, content: { url, contentType, body }, reason: '' };
    }
    if (status < 300 || status >= 400 || location === undefined) {
      return failed(`the host answers with HTTP ${status}`, status, tookMs);
    }
    const next = normalizeUrl(location);
    if (next === undefined) return failed(`redirects to ${location}, which is no page`, status, tookMs);
    if (redirects === MOST_REDIRECTS) return failed('redirects too often', status, tookMs);
    remarks.push(`redirects (${status}) to ${next.href}`);
    if (!isInScope(next))
      remarks.push('a crawl would not go there: it is out of the scope of the task (allow, deny)');
    url = next.href;
  }
}

function statusOf(answer: Exclude<FetchAnswer, { kind: 'answer' }>): number {
  return answer.kind === 'refused' ? answer.status : 0;
}

function requestsOf(spec: TaskSpec, signal: AbortSignal): (url: string) => FetchRequest {
  const cookies = new CookieJar();
  const hosts = new Set(spec.seeds.map((seed) => new URL(seed.url).host));
  return (url) => ({
    url,
    userAgent: spec.userAgent,
    accept: 'text/html,application/xhtml+xml,application/json;q=0.9,application/xml;q=0.9,*/*;q=0.5',
    headers:
      spec.cookie !== '' && hosts.has(new URL(url).host)
        ? { ...spec.headers, cookie: spec.cookie }
        : spec.headers,
    cookies,
    etag: '',
    lastModified: '',
    timeoutMs: spec.timeoutMs,
    maxBytes: spec.maxBodyBytes,
    beyond: 'refuse',
    proxies: spec.proxies,
    signal,
    maySend: () => !signal.aborted,
  });
}

async function askRobots(
  spec: TaskSpec,
  url: string,
  source: PageSource,
  signal: AbortSignal,
): Promise<RobotsAnswer> {
  if (spec.robots === 'ignore') {
    return { isAllowed: true, crawlDelayMs: 0, says: 'the task does not ask robots.txt' };
  }
  const answer = await source.robots(spec, new URL(url).origin, signal);
  if ('unknown' in answer) {
    const says = `${answer.unknown}: what is allowed is not known, and a crawl waits until it is`;
    return { isAllowed: false, crawlDelayMs: 0, says };
  }
  const { rules } = answer;
  const isAllowed = rules.allows(url, spec.userAgent);
  return {
    isAllowed,
    crawlDelayMs: rules.crawlDelayMs(spec.userAgent),
    says: rules.isEmpty
      ? 'there is no robots.txt, or nothing in it'
      : `robots.txt ${isAllowed ? 'allows' : 'forbids'} this page to ${spec.userAgent}`,
  };
}

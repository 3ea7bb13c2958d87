import { isHtml, HtmlPage } from '../extract/html-page.js';
import type { HttpFetcher, FetchAnswer } from '../fetch/http-fetcher.js';
import { normalizeUrl, type PageUrl } from '@app/tasks';
import type { Discovery, PageResult, TakenPage } from '../frontier/page-store.js';
import type { HostGates, Turn } from '../politeness/host-gates.js';
import type { RobotsCache } from '../politeness/robots-cache.js';
import type { TaskSpec } from '@app/tasks';
import type { Tenure } from '../task/task-runner.js';

/** What visits of all tasks share. */
export interface VisitParts {
  fetcher: HttpFetcher;
  gates: HostGates;
  robots: RobotsCache;
}

export interface VisitTerms {
  spec: TaskSpec;
  tenure: Tenure;
  /** False when there is no room for what a page might discover. */
  wantsLinks: boolean;
}

/** What came of a page, or that its host is in trouble and the page is worth another visit. */
export type Visit = { trouble?: undefined; found: Found } | { trouble: string; status: number };

export type Found = Omit<PageResult, 'seq' | 'fetchedAt'>;

export const MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** One visit: robots.txt, the host's gate, the request, its body. Rejects only when the tenure is over. */
export async function visit(page: TakenPage, parts: VisitParts, terms: VisitTerms): Promise<Visit> {
  const { spec, tenure } = terms;
  const url = normalizeUrl(page.url);
  if (url === undefined) return { found: failed(0, 'the URL is not valid') };
  const { userAgent, timeoutMs, delayMs } = spec;
  const robots = await parts.robots.rulesOf(url, { userAgent, timeoutMs, delayMs, tenure });
  if ('unknown' in robots) return { trouble: robots.unknown, status: 0 };
  if (!robots.rules.allows(url.href, userAgent)) return { found: failed(0, 'robots.txt disallows it') };

  const gapMs = Math.max(delayMs, robots.rules.crawlDelayMs(userAgent));
  const turn = await parts.gates.enter(url.host, gapMs, tenure.signal);
  let outcome: Parameters<Turn['end']>[0] = 'abandoned';
  try {
    const wantsLinks = terms.wantsLinks && page.depth < spec.maxDepth;
    const { answer, title, links } = await load(url, wantsLinks, parts.fetcher, spec, tenure);
    outcome = 'served';
    if (answer.kind === 'refused') return { found: failed(answer.status, answer.reason, answer.bytes) };
    if (answer.kind === 'unreachable') {
      outcome = { retryAfterMs: undefined };
      return { trouble: answer.reason, status: 0 };
    }
    const { status, retryAfterMs, location, bytes } = answer;
    if (status === 429 || status === 503) {
      outcome = { retryAfterMs };
      return { trouble: `HTTP ${status}`, status };
    }
    if (location !== undefined) return { found: redirected(page, url, status, location) };
    if (status < 200 || status > 299) return { found: failed(status, `HTTP ${status}`) };
    const discovered = links
      .filter((link) => link.host === url.host && link.href !== url.href)
      .map((link) => ({ url: link.href, host: link.host, depth: page.depth + 1, redirects: 0 }));
    return { found: { state: 'done', status, title, bytes, error: '', discovered } };
  } finally {
    turn.end(outcome);
  }
}

export function failed(status: number, error: string, bytes = 0): Found {
  return { state: 'failed', status, title: '', bytes, error, discovered: [] };
}

async function load(
  url: PageUrl,
  wantsLinks: boolean,
  fetcher: HttpFetcher,
  { userAgent, timeoutMs }: TaskSpec,
  tenure: Tenure,
): Promise<{ answer: FetchAnswer; title: string; links: PageUrl[] }> {
  let html: HtmlPage | undefined;
  const answer = await fetcher.fetch(
    url.href,
    { userAgent, timeoutMs, tenure, accept: ACCEPT, maxBytes: MAX_BODY_BYTES, beyond: 'refuse' },
    ({ status, contentType }) => {
      if (status < 200 || status > 299) return undefined;
      if (!isHtml(contentType)) return () => {};
      const page = new HtmlPage(url.href, contentType, wantsLinks);
      html = page;
      return (chunk) => page.write(chunk);
    },
  );
  const links = answer.kind === 'answer' ? (html?.end() ?? []) : [];
  return { answer, title: html?.title ?? '', links };
}

const ACCEPT = 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.1';

/**
 * The target is a page of its own in the frontier: it is fetched once, whoever leads there, and its turn
 * comes through the gate like any other.
 */
function redirected(page: TakenPage, from: PageUrl, status: number, location: string): Found {
  const to = normalizeUrl(location);
  if (to === undefined)
    return failed(status, `redirects to what is no http(s) URL: ${location.slice(0, 200)}`);
  if (to.host !== from.host) return failed(status, `redirects to another host: ${to.href}`);
  if (to.href === from.href) return failed(status, 'redirects to itself');
  if (page.redirects >= MAX_REDIRECTS) return failed(status, `more than ${MAX_REDIRECTS} redirects in a row`);
  const target: Discovery = { url: to.href, host: to.host, depth: page.depth, redirects: page.redirects + 1 };
  return { state: 'redirected', status, title: '', bytes: 0, error: '', discovered: [target] };
}

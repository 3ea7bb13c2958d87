import { isOrbweaverError } from '@app/errors';
import type { CompiledTask, Extraction } from '@app/extract';
import type { FetchAnswer, Fetcher } from '@app/fetch';
import type { JsonValue, PageUrl, TaskSpec } from '@app/tasks';
import type { CookieJar } from 'tough-cookie';
import type { Turn } from '../../politeness/gates/host-gate.js';
import type { Discovery, PageResult, TakenPage } from '../../store/frontier.js';
import { failure, newsOf, outcomeOf, type PageNews } from './page-result.js';

/** What visits of one run have in common. */
export interface VisitTerms {
  spec: TaskSpec;
  fetcher: Fetcher;
  compiled: CompiledTask;
  cookies: CookieJar;
  isInScope: (url: PageUrl) => boolean;
  /** Whether there is room for what a page discovers. */
  hasRoom: () => boolean;
  /** Whether the run may not have discovered it before. */
  isNews: (url: string) => boolean;
  signal: AbortSignal;
  maySend: () => boolean;
}

/** Undefined: the request was not sent, or was cut off; nothing is known of the page. */
export type Visit = { result: PageResult; isUnreachable: boolean } | undefined;

/** One visit: the request, and what is read on the page. Ends the turn as soon as the host is done. */
export async function visit(page: TakenPage, turn: Turn, terms: VisitTerms): Promise<Visit> {
  const { spec } = terms;
  let isSent = false;
  let answer: FetchAnswer;
  try {
    answer = await terms.fetcher.fetch({
      url: page.url,
      userAgent: spec.userAgent,
      accept: ACCEPT,
      headers: spec.headers,
      cookies: terms.cookies,
      etag: page.etag,
      lastModified: page.lastModified,
      timeoutMs: spec.timeoutMs,
      maxBytes: spec.maxBodyBytes,
      beyond: 'refuse',
      proxies: spec.proxies,
      signal: terms.signal,
      maySend: () => turn.maySend() && terms.maySend(),
      onSend: () => {
        isSent = true;
      },
    });
  } catch (error) {
    turn.end({ kind: isSent ? 'served' : 'unsent' });
    if (isOrbweaverError(error, 'CANCELLED')) return undefined;
    throw error;
  }
  turn.end(outcomeOf(answer));
  const fetchedAt = Date.now();
  const isUnreachable = answer.kind === 'unreachable';
  const news = newsOf(page, answer, terms);
  if (news !== undefined) return { result: { ...resultOf(page, fetchedAt), ...news }, isUnreachable };
  return {
    result: await read(page, answer as Extract<FetchAnswer, { kind: 'answer' }>, fetchedAt, terms),
    isUnreachable,
  };
}

/** What came of a page that nobody asked its host for. */
export function unvisited(page: TakenPage, reason: string): PageResult {
  return { ...resultOf(page, Date.now()), ...failure(0, reason) };
}

const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5';

function resultOf(page: TakenPage, fetchedAt: number): PageResult {
  return {
    seq: page.seq,
    attempt: page.attempt,
    state: 'done',
    retryInMs: 0,
    status: 0,
    title: '',
    bytes: 0,
    error: '',
    fetchedAt,
    etag: '',
    lastModified: '',
    discovered: [],
    items: [],
    traceId: '',
  };
}

async function read(
  page: TakenPage,
  { status, body, contentType, etag, lastModified }: Extract<FetchAnswer, { kind: 'answer' }>,
  fetchedAt: number,
  terms: VisitTerms,
): Promise<PageResult> {
  const base = resultOf(page, fetchedAt);
  const { url, rule, depth } = page;
  const carried = page.carried === '' ? {} : (JSON.parse(page.carried) as Record<string, JsonValue>);
  let found: Extraction;
  try {
    found = await terms.compiled.extract({ url, contentType, body, rule, depth, carried });
  } catch (error) {
    if (!isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
    return { ...base, ...failure(status, error.message, body.length) };
  }
  const done: PageNews = {
    ...failure(status, '', body.length),
    state: 'done',
    discovered: discoveries(page, found, terms),
  };
  const items = found.items.map((item) => JSON.stringify(item));
  return { ...base, ...done, title: found.title, etag, lastModified, items };
}

function discoveries(page: TakenPage, { links }: Extraction, terms: VisitTerms): Discovery[] {
  if (!terms.hasRoom()) return [];
  const discovered: Discovery[] = [];
  for (const { url, host, rule, priority, isPagination, carried } of links) {
    const depth = isPagination ? page.depth : page.depth + 1;
    if (depth > terms.spec.maxDepth || !terms.isNews(url)) continue;
    const text = isEmpty(carried) ? '' : JSON.stringify(carried);
    discovered.push({ url, host, rule, depth, priority, redirects: 0, carried: text });
  }
  return discovered;
}

function isEmpty(carried: Record<string, JsonValue>): boolean {
  for (const _ in carried) return false;
  return true;
}

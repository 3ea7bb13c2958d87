import { isOrbweaverError } from '@app/errors';
import type { CompiledTask, Extraction } from '@app/extract';
import type { FetchAnswer, Fetcher, FetchRequest } from '@app/fetch';
import type { JsonValue, PageUrl, TaskSpec } from '@app/tasks';
import type { CookieJar } from 'tough-cookie';
import type { Turn } from '../../politeness/gates/host-gate.js';
import type { Discovery, PageResult, TakenPage } from '../../store/frontier.js';
import type { PageTrace } from '../trace/page-trace.js';
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
export type Visit = { result: PageResult; isUnreachable: boolean; said: readonly string[] } | undefined;

/** One visit: the request, and what is read on the page. Ends the turn as soon as the host is done. */
export async function visit(
  page: TakenPage,
  turn: Turn,
  terms: VisitTerms,
  trace?: PageTrace,
): Promise<Visit> {
  const { spec } = terms;
  let isSent = false;
  let answer: FetchAnswer;
  try {
    const request: FetchRequest = {
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
    };
    const fetch = (): Promise<FetchAnswer> => terms.fetcher.fetch(request);
    answer = await (trace === undefined ? fetch() : trace.fetch(fetch));
  } catch (error) {
    turn.end({ kind: isSent ? 'served' : 'unsent' });
    if (isOrbweaverError(error, 'CANCELLED')) return undefined;
    throw error;
  }
  turn.end(outcomeOf(answer));
  const fetchedAt = Date.now();
  const isUnreachable = answer.kind === 'unreachable';
  const base = resultOf(page, fetchedAt, trace?.traceId);
  const news = newsOf(page, answer, terms);
  if (news !== undefined) return { result: { ...base, ...news }, isUnreachable, said: NOTHING };
  const { result, said } = await read(
    page,
    answer as Extract<FetchAnswer, { kind: 'answer' }>,
    base,
    terms,
    trace,
  );
  return { result, isUnreachable, said };
}

/** What came of a page that nobody asked its host for. */
export function unvisited(page: TakenPage, reason: string): PageResult {
  return { ...resultOf(page, Date.now()), ...failure(0, reason) };
}

const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5';

const NOTHING: readonly string[] = [];

function resultOf(page: TakenPage, fetchedAt: number, traceId = ''): PageResult {
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
    traceId,
  };
}

async function read(
  page: TakenPage,
  { status, body, contentType, etag, lastModified }: Extract<FetchAnswer, { kind: 'answer' }>,
  base: PageResult,
  terms: VisitTerms,
  trace: PageTrace | undefined,
): Promise<{ result: PageResult; said: readonly string[] }> {
  const { url, rule, depth } = page;
  const carried = page.carried === '' ? {} : (JSON.parse(page.carried) as Record<string, JsonValue>);
  let found: Extraction;
  try {
    const extract = (): Promise<Extraction> =>
      terms.compiled.extract({ url, contentType, body, rule, depth, carried });
    found = await (trace === undefined ? extract() : trace.extract(extract));
  } catch (error) {
    if (!isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
    return { result: { ...base, ...failure(status, error.message, body.length) }, said: NOTHING };
  }
  const done: PageNews = {
    ...failure(status, '', body.length),
    state: 'done',
    discovered: discoveries(page, found, terms),
  };
  const items = found.items.map((item) => JSON.stringify(item));
  const result = { ...base, ...done, title: found.title, etag, lastModified, items };
  return { result, said: found.log ?? NOTHING };
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

import type { FetchAnswer } from '@app/fetch';
import { normalizeUrl, type PageUrl, type TaskSpec } from '@app/tasks';
import type { Outcome } from '../../politeness/gates/host-health.js';
import type { Discovery, PageResult, TakenPage } from '../../store/frontier.js';

/** What an answer without a page to read means for the page that was asked for. */
export type PageNews = Pick<PageResult, 'state' | 'retryInMs' | 'status' | 'error' | 'discovered' | 'bytes'>;

/** Undefined: the page came, it is to be read. */
export function newsOf(
  page: TakenPage,
  answer: FetchAnswer,
  { spec, isInScope }: { spec: TaskSpec; isInScope: (url: PageUrl) => boolean },
): PageNews | undefined {
  if (answer.kind === 'unreachable') return againOr(page, spec, 0, answer.reason);
  if (answer.kind === 'refused') return failure(answer.status, answer.reason, answer.bytes);
  const { status, location } = answer;
  if (location !== undefined) return redirection(page, status, location, spec, isInScope);
  if (status === 304) return { ...failure(status, ''), state: 'unchanged' };
  if (status >= 200 && status <= 299) return undefined;
  const reason = `HTTP ${status}`;
  return PASSING.has(status) || status >= 500 ? againOr(page, spec, status, reason) : failure(status, reason);
}

export function outcomeOf(answer: FetchAnswer): Outcome {
  if (answer.kind === 'unreachable') return { kind: 'unreachable', reason: answer.reason };
  if (answer.kind === 'answer' && (answer.status === 429 || answer.status === 503)) {
    return { kind: 'throttled', reason: `HTTP ${answer.status}`, retryAfterMs: answer.retryAfterMs };
  }
  return { kind: 'served' };
}

export function failure(status: number, error: string, bytes = 0): PageNews {
  return { state: 'failed', retryInMs: 0, status, error, bytes, discovered: [] };
}

/** Another attempt, if the task gives it one. */
function againOr(page: TakenPage, { retries }: TaskSpec, status: number, reason: string): PageNews {
  if (page.attempt >= retries.max) return failure(status, reason);
  const retryInMs = Math.min(LONGEST_RETRY_MS, retries.firstDelayMs * 2 ** page.attempt);
  return { ...failure(status, reason), state: 'retry', retryInMs };
}

/**
 * The target is a page of its own in the frontier: it is fetched once, whoever leads there, and its turn comes
 * through the gate of its host like any other.
 */
function redirection(
  page: TakenPage,
  status: number,
  location: string,
  spec: TaskSpec,
  isInScope: (url: PageUrl) => boolean,
): PageNews {
  const to = normalizeUrl(location);
  if (to === undefined) {
    return failure(status, `redirects to what is no http(s) URL: ${location.slice(0, 200)}`);
  }
  // A host may want to see the cookie that it has just set.
  if (to.href === page.url) return { ...againOr(page, spec, status, 'redirects to itself'), retryInMs: 0 };
  if (page.redirects >= MAX_REDIRECTS)
    return failure(status, `more than ${MAX_REDIRECTS} redirects in a row`);
  if (!isInScope(to)) return failure(status, `redirects to what the task leaves out: ${to.href}`);
  const { rule, depth, priority, carried } = page;
  const redirects = page.redirects + 1;
  const target: Discovery = { url: to.href, host: to.host, rule, depth, priority, redirects, carried };
  return { ...failure(status, ''), state: 'redirected', discovered: [target] };
}

const MAX_REDIRECTS = 10;
const LONGEST_RETRY_MS = 3_600_000;
/** Below 500: request timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);

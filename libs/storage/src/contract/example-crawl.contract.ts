import { randomUUID } from 'node:crypto';
import type { Claim, ClaimRequest, CrawlStore, Discovery, LogLine, PageResult, TakenPage } from '@app/crawl';

export const HOST = 'site.test';

/** A name that no other test uses. */
export function freshName(what = 'task'): string {
  return `${what}-${randomUUID().slice(0, 8)}`;
}

export function page(path: string, change: Partial<Discovery> = {}): Discovery {
  const host = change.host ?? HOST;
  return {
    url: `http://${host}/${path}`,
    host,
    rule: 'page',
    depth: 0,
    priority: 0,
    redirects: 0,
    carried: '',
    ...change,
  };
}

export function request(change: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    resource: freshName(),
    resourceId: '1',
    epoch: 1n,
    specHash: 'hash',
    generation: 0,
    run: 1,
    retry: 0,
    seeds: [page('a')],
    reloadRules: [],
    maxPages: 100,
    ...change,
  };
}

/** The page was fetched well, unless `change` says otherwise. */
export function result(taken: TakenPage | undefined, change: Partial<PageResult> = {}): PageResult {
  if (taken === undefined) throw new Error('there was no page to take');
  return {
    seq: taken.seq,
    attempt: taken.attempt,
    state: 'done',
    retryInMs: 0,
    status: 200,
    title: '',
    bytes: 0,
    error: '',
    fetchedAt: 5,
    etag: '',
    lastModified: '',
    discovered: [],
    items: [],
    traceId: '',
    ...change,
  };
}

/** Says what it is called, unless `change` says otherwise. */
export function logLine(id: string, change: Partial<LogLine> = {}): LogLine {
  return {
    id,
    at: Date.now(),
    level: 'info',
    message: id,
    fields: '',
    nodeId: 'node',
    epoch: 1n,
    traceId: '',
    ...change,
  };
}

export function take(
  { frontier }: CrawlStore,
  claim: Claim,
  { host = HOST, limit = 10, held = [] }: { host?: string; limit?: number; held?: number[] } = {},
): Promise<TakenPage[]> {
  return frontier.take(claim, host, limit, held);
}

/** The path, which is what the pages of these tests differ by. */
export function pathsOf(pages: readonly { url: string }[]): string[] {
  return pages.map(({ url }) => url.slice(url.indexOf('/', 'http://'.length) + 1));
}

/** Settles the best page of the host that is not settled yet. */
export async function settleNext(
  store: CrawlStore,
  claim: Claim,
  change: Partial<PageResult> = {},
): Promise<TakenPage> {
  const [next] = await take(store, claim, { limit: 1 });
  await store.frontier.ack(claim, { results: [result(next, change)] });
  return next as TakenPage;
}

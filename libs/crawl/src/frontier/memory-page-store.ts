import { OrbweaverError } from '@app/errors';
import { takesOver } from './take-over.js';
import type {
  Claim,
  ClaimRequest,
  CrawlProgress,
  Discovery,
  FinishedPage,
  PageResult,
  PageStore,
  TakenPage,
} from './page-store.js';

interface Page extends TakenPage {
  state: 'queued' | 'taken' | PageResult['state'];
  result?: PageResult;
}

interface Crawl {
  id: number;
  claimNumber: number;
  request: ClaimRequest;
  pages: Page[];
  urls: Set<string>;
  done: boolean;
  sinceAt: number;
}

/**
 * What a page store means, in the simplest form: nothing outlives the process. For tests, and as the model
 * that the durable stores are compared with.
 */
export class MemoryPageStore implements PageStore {
  readonly #crawls = new Map<string, Crawl>();
  #lastId = 0;
  #lastClaim = 0;

  async claim(request: ClaimRequest): Promise<Claim> {
    const held = this.#crawls.get(request.resource);
    if (held !== undefined && !takesOver(request, held.request)) throw superseded(request.resource);
    const goesOn =
      held?.request.specHash === request.specHash && held.request.resourceId === request.resourceId;
    const crawl: Crawl = goesOn
      ? { ...held, request }
      : { id: ++this.#lastId, claimNumber: 0, request, pages: [], urls: new Set(), done: false, sinceAt: 0 };
    crawl.claimNumber = ++this.#lastClaim;
    if (!crawl.done) crawl.sinceAt = Date.now();
    this.#crawls.set(request.resource, crawl);
    if (goesOn) this.#requeue(crawl);
    else for (const seed of request.seeds) discover(crawl, seed);
    return {
      resource: request.resource,
      crawlId: crawl.id,
      number: crawl.claimNumber,
      done: crawl.done,
      room: roomOf(crawl),
    };
  }

  async take(claim: Claim, host: string, limit: number): Promise<TakenPage[]> {
    const queued = this.#held(claim).pages.filter((page) => page.state === 'queued' && page.host === host);
    return queued.slice(0, limit).map((page) => {
      page.state = 'taken';
      const { seq, url, depth, redirects } = page;
      return { seq, url, host, depth, redirects };
    });
  }

  async ack(claim: Claim, results: readonly PageResult[]): Promise<{ room: number }> {
    const crawl = this.#held(claim);
    const finished = results.filter((result) => {
      const page = crawl.pages[result.seq - 1];
      if (page?.state !== 'taken') return false;
      page.state = result.state;
      page.result = result;
      return true;
    });
    for (const { discovered } of finished) for (const page of discovered) discover(crawl, page);
    return { room: roomOf(crawl) };
  }

  async release(claim: Claim): Promise<void> {
    this.#requeue(this.#held(claim));
  }

  async finish(claim: Claim): Promise<boolean> {
    const crawl = this.#held(claim);
    if (!crawl.done && countOf(crawl, 'queued') + countOf(crawl, 'taken') === 0) {
      crawl.done = true;
      crawl.sinceAt = Date.now();
    }
    return crawl.done;
  }

  async pages(resource: string, after: number, limit: number): Promise<FinishedPage[]> {
    const pages = this.#crawls.get(resource)?.pages ?? [];
    return pages
      .filter((page) => page.result !== undefined && page.seq > after)
      .slice(0, limit)
      .map(({ url, depth, result }) => {
        const { discovered: _, ...finished } = result as PageResult;
        return { ...finished, url, depth };
      });
  }

  async progress(resource: string): Promise<CrawlProgress | undefined> {
    const crawl = this.#crawls.get(resource);
    return crawl === undefined
      ? undefined
      : {
          state: crawl.done ? 'done' : 'open',
          doneCount: countOf(crawl, 'done'),
          queuedCount: countOf(crawl, 'queued') + countOf(crawl, 'taken'),
          failedCount: countOf(crawl, 'failed'),
          sinceAt: crawl.sinceAt,
          epoch: crawl.request.epoch,
          resourceId: crawl.request.resourceId,
          specHash: crawl.request.specHash,
        };
  }

  close(): void {}

  #held(claim: Claim): Crawl {
    const crawl = this.#crawls.get(claim.resource);
    if (crawl?.claimNumber !== claim.number) throw superseded(claim.resource);
    return crawl;
  }

  #requeue(crawl: Crawl): void {
    for (const page of crawl.pages) if (page.state === 'taken') page.state = 'queued';
  }
}

function discover(crawl: Crawl, page: Discovery): void {
  if (roomOf(crawl) <= 0 || crawl.urls.has(page.url)) return;
  crawl.urls.add(page.url);
  crawl.pages.push({ ...page, seq: crawl.pages.length + 1, state: 'queued' });
}

function roomOf(crawl: Crawl): number {
  return crawl.request.maxPages - crawl.pages.length + countOf(crawl, 'redirected');
}

function countOf(crawl: Crawl, state: Page['state']): number {
  return crawl.pages.filter((page) => page.state === state).length;
}

function superseded(resource: string): OrbweaverError {
  return new OrbweaverError(
    'SUPERSEDED',
    `a newer owner has claimed the crawl of ${JSON.stringify(resource)}`,
  );
}

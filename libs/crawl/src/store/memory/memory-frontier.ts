import { OrbweaverError } from '@app/errors';
import { takesOver } from '@app/resources';
import type {
  AckAnswer,
  AckBatch,
  Claim,
  ClaimRequest,
  Frontier,
  PageResult,
  RunEnd,
  TakenPage,
} from '../frontier.js';
import { byPriority, Crawl, type Page } from './crawl.js';
import type { MemoryOutbox } from './memory-outbox.js';
import type { MemoryTaskLogs } from './memory-task-logs.js';

export class MemoryFrontier implements Frontier {
  #lastCrawl = 0;
  #lastClaim = 0;
  #lastItem = 0;

  constructor(
    private readonly crawls: Map<string, Crawl>,
    private readonly outbox: MemoryOutbox,
    private readonly logs: MemoryTaskLogs,
    private readonly now: () => number,
  ) {}

  async claim(request: ClaimRequest): Promise<Claim> {
    const known = this.crawls.get(request.resource);
    if (known !== undefined && !takesOver(request, known.request)) throw superseded(request.resource);
    const crawl = known !== undefined && isSame(known.request, request) ? known : this.#begin(request);
    this.#goOn(crawl, request);
    crawl.claimNumber = ++this.#lastClaim;
    const { id: crawlId, claimNumber: number, state, room, itemCount, memory } = crawl;
    return {
      resource: request.resource,
      crawlId,
      number,
      state,
      run: crawl.request.run,
      room,
      itemCount,
      memory,
    };
  }

  async hosts(
    claim: Claim,
    except: readonly string[],
    limit: number,
  ): Promise<{ hosts: string[]; nextInMs: number | undefined; unfinishedCount: number }> {
    const { queued } = this.#held(claim);
    const now = this.now();
    const due = queued.filter(({ dueAt, host }) => dueAt <= now && !except.includes(host)).sort(byPriority);
    const waits = queued.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt - now);
    return {
      hosts: [...new Set(due.map(({ host }) => host))].slice(0, limit),
      nextInMs: waits.length === 0 ? undefined : Math.min(...waits),
      unfinishedCount: queued.length,
    };
  }

  async take(claim: Claim, host: string, limit: number, held: readonly number[]): Promise<TakenPage[]> {
    return this.#held(claim)
      .queued.filter((page) => page.host === host && page.dueAt <= this.now() && !held.includes(page.seq))
      .sort(byPriority)
      .slice(0, limit)
      .map(taken);
  }

  async ack(claim: Claim, { results, memory, lines = [] }: AckBatch): Promise<AckAnswer> {
    const crawl = this.#held(claim);
    if (memory !== undefined) crawl.memory = memory;
    const settled = results.filter((result) => this.#settle(crawl, result));
    // After all of them: a redirect of this batch makes room.
    for (const { discovered } of settled) for (const page of discovered) crawl.discover(page);
    for (const result of settled) crawl.note(result, this.now());
    this.logs.write(claim.resource, lines);
    return { room: crawl.room, itemCount: crawl.itemCount };
  }

  async failHost(claim: Claim, host: string, reason: string): Promise<number> {
    const crawl = this.#held(claim);
    const pages = crawl.queued.filter((page) => page.host === host);
    for (const page of pages) {
      page.state = 'failed';
      page.settled = { status: 0, title: '', bytes: 0, error: reason, fetchedAt: this.now() };
    }
    if (pages.length > 0) crawl.noteFailed(pages.length, reason, this.now());
    return pages.length;
  }

  async finish(claim: Claim, { state, reason, messages, lines = [] }: RunEnd): Promise<void> {
    const crawl = this.#held(claim);
    if (crawl.state !== 'open') return;
    crawl.state = state;
    crawl.reason = reason;
    crawl.sinceAt = this.now();
    for (const message of messages) this.outbox.add(claim.resource, message);
    this.logs.write(claim.resource, lines);
  }

  async release(claim: Claim): Promise<void> {
    this.#held(claim);
  }

  #begin(request: ClaimRequest): Crawl {
    const crawl = new Crawl(++this.#lastCrawl, request);
    crawl.open(this.now());
    for (const seed of request.seeds) crawl.discover(seed);
    this.crawls.set(request.resource, crawl);
    return crawl;
  }

  /** What the request asks for beyond what the store has: a new run, failed pages once more. */
  #goOn(crawl: Crawl, request: ClaimRequest): void {
    const { run, retry } = crawl.request;
    crawl.request = { ...request, run: Math.max(run, request.run), retry: Math.max(retry, request.retry) };
    if (request.run > run) {
      const seeds = new Set(request.seeds.map(({ url }) => url));
      const reload = (page: Page) =>
        seeds.has(page.url) || request.reloadRules.includes('*') || request.reloadRules.includes(page.rule);
      for (const page of crawl.pages) if (page.state !== 'queued' && reload(page)) crawl.again(page);
    }
    if (request.retry > retry) {
      for (const page of crawl.pages) if (page.state === 'failed') crawl.again(page);
    }
    if (request.run > run || request.retry > retry) crawl.open(this.now());
  }

  /** Whether the result is for the attempt that the page is at. */
  #settle(crawl: Crawl, result: PageResult): boolean {
    const page = crawl.pages[result.seq - 1];
    if (page?.state !== 'queued' || page.attempt !== result.attempt) return false;
    page.attempt++;
    if (result.state === 'retry') {
      page.dueAt = this.now() + result.retryInMs;
      return true;
    }
    const { status, title, bytes, error, fetchedAt, etag, lastModified, traceId } = result;
    const before = page.settled;
    page.state = result.state === 'unchanged' ? 'done' : result.state;
    page.settled = { status, title, bytes, error, fetchedAt };
    if (result.state === 'unchanged') {
      // What it held then is what it holds now.
      page.settled = { ...page.settled, title: before?.title ?? '', bytes: before?.bytes ?? 0 };
    } else if (result.state === 'done') {
      Object.assign(page, { etag, lastModified });
      const { epoch, run } = crawl.request;
      page.items = result.items.map((data) => ({
        number: ++this.#lastItem,
        fetchedAt,
        epoch,
        run,
        data,
        traceId,
      }));
    }
    return true;
  }

  #held(claim: Claim): Crawl {
    const crawl = this.crawls.get(claim.resource);
    if (crawl?.claimNumber !== claim.number) throw superseded(claim.resource);
    return crawl;
  }
}

function taken(page: Page): TakenPage {
  const { seq, url, host, rule, depth, priority, redirects, carried, attempt, etag, lastModified } = page;
  return { seq, url, host, rule, depth, priority, redirects, carried, attempt, etag, lastModified };
}

function isSame(a: ClaimRequest, b: ClaimRequest): boolean {
  return a.specHash === b.specHash && a.resourceId === b.resourceId && a.generation === b.generation;
}

function superseded(resource: string): OrbweaverError {
  return new OrbweaverError(
    'SUPERSEDED',
    `a newer owner has claimed the crawl of ${JSON.stringify(resource)}`,
  );
}

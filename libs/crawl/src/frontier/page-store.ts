import type { TaskProgress } from '../task/task-runner.js';

/**
 * Where crawls live: the frontier of each and the pages it has fetched, durable and shared by the workers of
 * one store. A crawl belongs to whoever claimed it last. All calls with a claim that is no longer the last
 * one throw SUPERSEDED and change nothing; STORE_UNAVAILABLE means that nothing was changed either, or, for a
 * store on a network, that it is not known: `ack` and the others may be repeated.
 *
 * A page is queued, then taken, then acked once as done, failed or redirected. Pages taken by an owner that
 * died are queued again by the next claim; so nothing is fetched twice except what was in flight.
 */
export interface PageStore {
  /**
   * Takes a crawl over, or begins it: with its seeds, when the store does not know it, or when its spec or
   * the resource's id is another than the store's. Throws SUPERSEDED when a later epoch has claimed it.
   */
  claim(request: ClaimRequest): Promise<Claim>;
  /** At most `limit` pages of a host, longest discovered first; they are this owner's until acked or released. */
  take(claim: Claim, host: string, limit: number): Promise<TakenPage[]>;
  /**
   * In one transaction: these pages are finished, and what they discovered is queued, each URL once in a
   * crawl, as far as there is room. A page that is not taken at present is passed over with all it
   * discovered, so a repeat does nothing.
   */
  ack(claim: Claim, results: readonly PageResult[]): Promise<{ room: number }>;
  /** Queues again what is taken. */
  release(claim: Claim): Promise<void>;
  /** The crawl is done, unless pages are still queued or taken: then false. */
  finish(claim: Claim): Promise<boolean>;
  /** Finished pages in the order of their discovery, after the page of that sequence number. */
  pages(resource: string, after: number, limit: number): Promise<FinishedPage[]>;
  /** Undefined when the store does not know the crawl. */
  progress(resource: string): Promise<CrawlProgress | undefined>;
  close(): void;
}

export interface ClaimRequest {
  resource: string;
  resourceId: string;
  epoch: bigint;
  specHash: string;
  seeds: readonly Discovery[];
  /** How many pages there may be in the crawl, redirects not counted. */
  maxPages: number;
}

/** With what the crawl is of: another resource or spec is another crawl. */
export interface CrawlProgress extends TaskProgress {
  resourceId: string;
  specHash: string;
}

/** A crawl held by one owner. `number` grows with each claim of a store: it is the fence of all writes. */
export interface Claim {
  readonly resource: string;
  readonly crawlId: number;
  readonly number: number;
  /** The crawl was finished before: there is nothing to do. */
  readonly done: boolean;
  /** How many more pages may be discovered. */
  readonly room: number;
}

export interface Discovery {
  url: string;
  host: string;
  depth: number;
  /** How many redirects in a row led here. */
  redirects: number;
}

export interface TakenPage extends Discovery {
  seq: number;
}

export interface PageResult {
  seq: number;
  state: 'done' | 'failed' | 'redirected';
  /** HTTP status, 0 when no answer came. */
  status: number;
  title: string;
  bytes: number;
  /** Why it failed, for a person to read; empty when it did not. */
  error: string;
  /** Milliseconds since 1970. */
  fetchedAt: number;
  discovered: readonly Discovery[];
}

export interface FinishedPage extends Omit<PageResult, 'discovered'> {
  url: string;
  depth: number;
}

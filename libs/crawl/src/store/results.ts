import type { CrawlState } from './frontier.js';

/** What crawls have given, for whoever asks: needs no claim. */
export interface Results {
  /** Undefined when the store does not know the crawl. */
  progress(resource: string): Promise<CrawlProgress | undefined>;
  /** Settled pages in the order of their discovery, after the page of that sequence number. */
  pages(resource: string, query: PageQuery): Promise<FinishedPage[]>;
  /** Items in the order they were stored, after the item of that number. */
  items(resource: string, after: number, limit: number): Promise<StoredItem[]>;
}

export interface PageQuery {
  after: number;
  limit: number;
  /** Only those that failed. */
  failed?: boolean;
}

/** With what the crawl is of: another resource, spec or generation is another crawl. */
export interface CrawlProgress {
  state: CrawlState;
  /** Why the run ended early or failed; empty otherwise. */
  reason: string;
  resourceId: string;
  specHash: string;
  generation: number;
  run: number;
  retry: number;
  epoch: bigint;
  discoveredCount: number;
  /** Fetched well; redirects count in none of these. */
  doneCount: number;
  /** Queued or waiting for another attempt. */
  queuedCount: number;
  failedCount: number;
  itemCount: number;
  /** When the present state began, in milliseconds since 1970. */
  sinceAt: number;
}

export interface FinishedPage {
  seq: number;
  url: string;
  rule: string;
  depth: number;
  state: 'done' | 'redirected' | 'failed';
  status: number;
  title: string;
  bytes: number;
  error: string;
  /** How often it was tried in its last run. */
  attempts: number;
  fetchedAt: number;
}

/** An item with its provenance. */
export interface StoredItem {
  /** Grows in the order of storing; not without gaps. */
  number: number;
  resource: string;
  rule: string;
  url: string;
  /** In its page, from 0. */
  position: number;
  fetchedAt: number;
  epoch: bigint;
  run: number;
  specHash: string;
  /** JSON object. */
  data: string;
}

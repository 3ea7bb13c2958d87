import type { CrawlState } from './frontier.js';

/** What crawls have given, for whoever asks: needs no claim. */
export interface Results {
  /** Undefined when the store does not know the crawl. */
  progress(resource: string): Promise<CrawlProgress | undefined>;
  /** Settled pages in the order of their discovery, after the page of that sequence number. */
  pages(resource: string, query: PageQuery): Promise<FinishedPage[]>;
  /** Items in the order they were stored, after the item of that number. */
  items(resource: string, after: number, limit: number): Promise<StoredItem[]>;
  /** Empty for a crawl that the store does not know. */
  history(resource: string): Promise<CrawlHistory>;
}

/** How a crawl went, of all its runs, kept with the pages themselves: each ack counts in the step of its time. */
export interface CrawlHistory {
  /** In order of time; steps of HISTORY_STEP_MS in which something was settled, the latest HISTORY_STEPS. */
  steps: HistoryStep[];
  /** Every answer since the crawl began, also those of attempts that are tried again; status 0 where none came. */
  statuses: { status: number; count: number }[];
}

export interface HistoryStep {
  /** Its beginning, in milliseconds since 1970: a multiple of HISTORY_STEP_MS. */
  at: number;
  /** Pages settled in it. */
  doneCount: number;
  failedCount: number;
  itemCount: number;
  /** Of bodies. */
  bytes: number;
  /** As it was at its end. */
  queuedCount: number;
}

export const HISTORY_STEP_MS = 10_000;
export const HISTORY_STEPS = 2_000;

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
  /** Why the last page that failed did so; empty when none has. */
  lastError: string;
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
  /** Of the trace in which its page was fetched; empty when it was not traced. */
  traceId: string;
}

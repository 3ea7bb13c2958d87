import type { LogLine } from './task-logs.js';

/**
 * The durable part of crawls: what is to be fetched and what came of it. A crawl belongs to whoever claimed it
 * last. Every call with a claim that is no longer the last one throws SUPERSEDED and changes nothing.
 * STORE_UNAVAILABLE means that nothing was changed or, for a store on a network, that it is not known: every
 * call may be repeated, a repeat does nothing twice.
 *
 * A page is discovered once in a crawl: by the fingerprint of its URL. It is queued until one `ack` settles it.
 * Taking marks nothing: a claim is exclusive, so its owner knows what it has in hand, and says so (`held`). What
 * an owner had in hand when it died is simply still queued.
 */
export interface Frontier {
  /**
   * Takes a crawl over, or begins it with its seeds: when the store does not know it, or knows it with another
   * spec, resource id or generation. A greater `run` than the store's begins a new run of the same crawl: its
   * seeds and the pages of `reloadRules` are queued again, with what makes their requests conditional. A greater
   * `retry` queues the failed pages again. Throws SUPERSEDED when a later epoch has claimed it.
   */
  claim(request: ClaimRequest): Promise<Claim>;
  /**
   * Hosts with pages that may be taken now, but for those in `except`: the host of the best page first, as far
   * as that can be told cheaply. `nextInMs`: when the first page that waits for another attempt may be taken,
   * undefined if none waits. `unfinishedCount`: pages that are queued or wait, of all hosts.
   */
  hosts(
    claim: Claim,
    except: readonly string[],
    limit: number,
  ): Promise<{ hosts: string[]; nextInMs: number | undefined; unfinishedCount: number }>;
  /** Pages of a host that may be taken now, without those `held`: by priority, then depth, then discovery. */
  take(claim: Claim, host: string, limit: number, held: readonly number[]): Promise<TakenPage[]>;
  /**
   * In one transaction: what came of these pages, the URLs they discovered as far as there is room, their items.
   * A result for another attempt than the page's present one is passed over with all it brings.
   */
  ack(claim: Claim, batch: AckBatch): Promise<AckAnswer>;
  /** Every page of the host that is queued or waits becomes failed, for this reason. Gives how many there were. */
  failHost(claim: Claim, host: string, reason: string): Promise<number>;
  /** The run is over; the messages are in the outbox with the same transaction. Nothing when it was over before. */
  finish(claim: Claim, end: RunEnd): Promise<void>;
  /** The owner stops in good order; somebody will claim the crawl again. */
  release(claim: Claim): Promise<void>;
}

export interface ClaimRequest {
  resource: string;
  resourceId: string;
  epoch: bigint;
  specHash: string;
  /** Grows when the crawl is to be started over from nothing. */
  generation: number;
  /** From 1; grows with each new run (a schedule's, or a restart). */
  run: number;
  /** How often failed pages were asked for again. */
  retry: number;
  seeds: readonly Discovery[];
  /** `*` stands for all rules. */
  reloadRules: readonly string[];
  /** How many pages there may be in the crawl, redirects not counted. */
  maxPages: number;
}

/** A crawl held by one owner. `number` grows with each claim of a store: it is the fence of all writes. */
export interface Claim {
  readonly resource: string;
  readonly crawlId: number;
  readonly number: number;
  /** `done` or `failed`: the run that was asked for is over, there is nothing to do. */
  readonly state: CrawlState;
  readonly run: number;
  /** How many more pages may be discovered. */
  readonly room: number;
  readonly itemCount: number;
  /** What the engine wrote with its last ack (its cookies, the time it has spent); empty at first. */
  readonly memory: string;
}

export type CrawlState = 'open' | 'done' | 'failed';

export interface Discovery {
  /** In its normal form. */
  url: string;
  /** Host and port. */
  host: string;
  rule: string;
  depth: number;
  priority: number;
  /** How many redirects in a row led here. */
  redirects: number;
  /** JSON object of the values carried along; empty for none. */
  carried: string;
}

export interface TakenPage extends Discovery {
  /** In the order of discovery in its crawl, from 1. */
  seq: number;
  /** How often it was tried since it was queued. */
  attempt: number;
  /** Of the answer that the store has from an earlier run; empty when there is none. */
  etag: string;
  lastModified: string;
}

export interface AckBatch {
  results: readonly PageResult[];
  /** For the task's log, in the same transaction. */
  lines?: readonly LogLine[];
  /** Replaces the claim's, if given. At most 256 KiB. */
  memory?: string;
}

export interface AckAnswer {
  room: number;
  /** Of the whole crawl. */
  itemCount: number;
}

export interface PageResult {
  seq: number;
  /** As it was taken. */
  attempt: number;
  /**
   * `unchanged`: the host says it is as it was (304): items and discoveries of before stand. `retry`: another
   * attempt, not before `retryInMs`.
   */
  state: 'done' | 'unchanged' | 'redirected' | 'failed' | 'retry';
  retryInMs: number;
  /** HTTP status, 0 when no answer came. */
  status: number;
  title: string;
  bytes: number;
  /** Why it failed or is tried again, for a person to read; empty otherwise. */
  error: string;
  /** Milliseconds since 1970. */
  fetchedAt: number;
  etag: string;
  lastModified: string;
  discovered: readonly Discovery[];
  /** JSON objects in the order of the page. Those of a page that is done replace what it gave before. */
  items: readonly string[];
  /** Of the trace in which it was fetched; empty when it was not traced. */
  traceId: string;
}

export interface RunEnd {
  state: 'done' | 'failed';
  /** Why it ended before the frontier was empty, or why it failed; empty otherwise. */
  reason: string;
  messages: readonly OutboxMessage[];
  /** For the task's log, in the same transaction. */
  lines?: readonly LogLine[];
}

export interface OutboxMessage {
  url: string;
  /** JSON. */
  body: string;
}

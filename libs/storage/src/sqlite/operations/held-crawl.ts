import type { Claim } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import type { Connection, Row } from '../connection.js';

/** What of a claim tells it from others. */
export type Held = Pick<Claim, 'resource' | 'crawlId' | 'number'>;

/** The crawl as it stands, if the claim is still the last one; the check that every operation begins with. */
export interface HeldCrawl {
  id: number;
  epoch: bigint;
  run: number;
  state: Claim['state'];
  requeue: string;
  maxPages: number;
  pageCount: number;
  doneCount: number;
  redirectedCount: number;
  failedCount: number;
  itemCount: number;
}

export function heldCrawl(db: Connection, { resource, crawlId, number }: Held): HeldCrawl {
  const row = db.get(
    `SELECT CAST(epoch AS TEXT) AS epoch, run, state, requeue, max_pages, page_count, done_count, redirected_count,
       failed_count, item_count
     FROM crawl WHERE id = ? AND resource = ? AND claim = ?`,
    crawlId,
    resource,
    number,
  );
  if (row === undefined) throw superseded(resource);
  return {
    id: crawlId,
    // As text: a revision may exceed what a number holds.
    epoch: BigInt(String(row.epoch)),
    run: Number(row.run),
    state: row.state as Claim['state'],
    requeue: String(row.requeue),
    maxPages: Number(row.max_pages),
    ...countsOf(row),
  };
}

export function countsOf(row: Row) {
  return {
    pageCount: Number(row.page_count),
    doneCount: Number(row.done_count),
    redirectedCount: Number(row.redirected_count),
    failedCount: Number(row.failed_count),
    itemCount: Number(row.item_count),
  };
}

type Counts = ReturnType<typeof countsOf>;

/** How many more pages there may be: redirects only lead to one. */
export function roomOf({ maxPages, pageCount, redirectedCount }: HeldCrawl): number {
  return Math.max(0, maxPages - pageCount + redirectedCount);
}

/** Queued or waiting. */
export function unfinishedOf({ pageCount, doneCount, redirectedCount, failedCount }: Counts): number {
  return pageCount - doneCount - redirectedCount - failedCount;
}

export function saveCounts(db: Connection, crawl: HeldCrawl): void {
  db.run(
    `UPDATE crawl SET page_count = ?, done_count = ?, redirected_count = ?, failed_count = ?, item_count = ?
     WHERE id = ?`,
    crawl.pageCount,
    crawl.doneCount,
    crawl.redirectedCount,
    crawl.failedCount,
    crawl.itemCount,
    crawl.id,
  );
}

export function superseded(resource: string): OrbweaverError {
  return new OrbweaverError(
    'SUPERSEDED',
    `a newer owner has claimed the crawl of ${JSON.stringify(resource)}`,
  );
}

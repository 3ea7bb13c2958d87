import type { CrawlProgress } from '@app/crawl';
import type { Database, Row } from '../database.js';

export function readProgress(database: Database, resource: string): CrawlProgress | undefined {
  const crawl = database.get(
    `SELECT resource_id, spec_hash, is_done, since_at, discovered_count, done_count, failed_count, redirected_count,
       CAST(epoch AS TEXT) AS epoch FROM crawl WHERE resource = ?`,
    resource,
  );
  return crawl === undefined
    ? undefined
    : {
        state: crawl.is_done === 1 ? 'done' : 'open',
        doneCount: Number(crawl.done_count),
        queuedCount: unfinishedOf(crawl),
        failedCount: Number(crawl.failed_count),
        sinceAt: Number(crawl.since_at),
        epoch: BigInt(String(crawl.epoch)),
        resourceId: String(crawl.resource_id),
        specHash: String(crawl.spec_hash),
      };
}

/** Queued or taken. */
export function unfinishedOf(crawl: Row): number {
  const finished = Number(crawl.done_count) + Number(crawl.failed_count) + Number(crawl.redirected_count);
  return Number(crawl.discovered_count) - finished;
}

import type { TaskProgress } from '@app/crawl';
import type { Database, Row } from '../database.js';

export function readProgress(database: Database, resource: string): TaskProgress | undefined {
  const crawl = database.get(
    `SELECT is_done, since_at, discovered_count, done_count, failed_count, redirected_count,
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
      };
}

/** Queued or taken. */
export function unfinishedOf(crawl: Row): number {
  const finished = Number(crawl.done_count) + Number(crawl.failed_count) + Number(crawl.redirected_count);
  return Number(crawl.discovered_count) - finished;
}

import type { CrawlProgress } from '@app/crawl';
import type { Work } from '../work.js';
import { countsOf, unfinishedOf } from './held-crawl.js';

export function readProgress({ db }: Work, resource: string): CrawlProgress | undefined {
  const row = db.get(
    `SELECT state, reason, resource_id, spec_hash, generation, run, retry, CAST(epoch AS TEXT) AS epoch, since_at,
       page_count, done_count, redirected_count, failed_count, item_count, last_error
     FROM crawl WHERE resource = ?`,
    resource,
  );
  if (row === undefined) return undefined;
  const counts = countsOf(row);
  return {
    state: row.state as CrawlProgress['state'],
    reason: String(row.reason),
    resourceId: String(row.resource_id),
    specHash: String(row.spec_hash),
    generation: Number(row.generation),
    run: Number(row.run),
    retry: Number(row.retry),
    epoch: BigInt(String(row.epoch)),
    discoveredCount: counts.pageCount - counts.redirectedCount,
    doneCount: counts.doneCount,
    queuedCount: unfinishedOf(counts),
    failedCount: counts.failedCount,
    itemCount: counts.itemCount,
    sinceAt: Number(row.since_at),
    lastError: String(row.last_error),
  };
}

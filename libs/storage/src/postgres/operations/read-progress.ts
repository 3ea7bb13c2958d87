import type { CrawlState, CrawlProgress } from '@app/crawl';
import type { Database, Statement } from '../database.js';

const PROGRESS: Statement = {
  name: 'progress',
  text: `SELECT state, reason, resource_id, spec_hash, generation, run, retry, epoch::text AS epoch, since_at,
      queued_count, done_count, failed_count, item_count, last_error
    FROM crawl WHERE resource = $1`,
};

export async function readProgress(database: Database, resource: string): Promise<CrawlProgress | undefined> {
  const [row] = await database.query(PROGRESS, resource);
  if (row === undefined) return undefined;
  const [queuedCount, doneCount, failedCount] = [row.queued_count, row.done_count, row.failed_count] as [
    number,
    number,
    number,
  ];
  return {
    state: row.state as CrawlState,
    reason: row.reason as string,
    resourceId: row.resource_id as string,
    specHash: row.spec_hash as string,
    generation: row.generation as number,
    run: row.run as number,
    retry: row.retry as number,
    epoch: BigInt(row.epoch as string),
    discoveredCount: queuedCount + doneCount + failedCount,
    doneCount,
    queuedCount,
    failedCount,
    itemCount: row.item_count as number,
    sinceAt: row.since_at as number,
    lastError: row.last_error as string,
  };
}

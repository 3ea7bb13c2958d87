import type { Claim } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import type { Database, Row } from '../database.js';

/** The crawl's counts, if the claim is still the last one; the check that every write begins with. */
export function checkHeld(
  database: Database,
  { resource, crawlId, number }: Pick<Claim, 'resource' | 'crawlId' | 'number'>,
): Row {
  const crawl = database.get(
    `SELECT max_pages, is_done, discovered_count, done_count, failed_count, redirected_count
     FROM crawl WHERE id = ? AND resource = ? AND claim = ?`,
    crawlId,
    resource,
    number,
  );
  if (crawl === undefined) throw superseded(resource);
  return crawl;
}

export function superseded(resource: string): OrbweaverError {
  return new OrbweaverError(
    'SUPERSEDED',
    `a newer owner has claimed the crawl of ${JSON.stringify(resource)}`,
  );
}

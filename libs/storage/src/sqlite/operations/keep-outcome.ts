import type { PageResult } from '@app/crawl';
import type { Connection } from '../connection.js';

/** Of a page that gave no content of its own: what was known of its content before stays. */
export function keepOutcome(
  db: Connection,
  crawlId: number,
  result: Pick<PageResult, 'seq' | 'state' | 'status' | 'title' | 'bytes' | 'error' | 'fetchedAt'>,
): void {
  // An unchanged page has the title and the length that it had.
  const isUnchanged = result.state === 'unchanged';
  const described = isUnchanged ? '' : 'title = excluded.title, bytes = excluded.bytes,';
  db.run(
    `INSERT INTO outcome (crawl, seq, status, title, bytes, error, fetched_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET ${described}
       status = excluded.status, error = excluded.error, fetched_at = excluded.fetched_at`,
    crawlId,
    result.seq,
    result.status,
    isUnchanged ? '' : result.title,
    isUnchanged ? 0 : result.bytes,
    result.error,
    Math.trunc(result.fetchedAt),
  );
}

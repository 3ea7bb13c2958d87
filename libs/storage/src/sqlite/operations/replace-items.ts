import type { PageResult } from '@app/crawl';
import type { Connection } from '../connection.js';
import type { HeldCrawl } from './held-crawl.js';

/** Stores what a page gave, in place of what it gave in an earlier run. */
export function replaceItems(db: Connection, crawl: HeldCrawl, result: PageResult): void {
  const before = db.get(
    'SELECT first_item, item_count FROM outcome WHERE crawl = ? AND seq = ?',
    crawl.id,
    result.seq,
  );
  const beforeCount = Number(before?.item_count ?? 0);
  if (beforeCount > 0) {
    const first = Number(before?.first_item);
    db.run('DELETE FROM item WHERE number >= ? AND number < ?', first, first + beforeCount);
  }
  const fetchedAt = Math.trunc(result.fetchedAt);
  const numbers = result.items.map((data, position) =>
    db.insert(
      'INSERT INTO item (crawl, page, position, fetched_at, epoch, run, data, trace_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      crawl.id,
      result.seq,
      position,
      fetchedAt,
      crawl.epoch,
      crawl.run,
      data,
      result.traceId,
    ),
  );
  crawl.itemCount += numbers.length - beforeCount;
  db.run(
    `INSERT OR REPLACE INTO outcome (crawl, seq, status, title, bytes, error, fetched_at, etag, last_modified,
       first_item, item_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    crawl.id,
    result.seq,
    result.status,
    result.title,
    result.bytes,
    result.error,
    fetchedAt,
    result.etag,
    result.lastModified,
    numbers[0] ?? 0,
    numbers.length,
  );
}

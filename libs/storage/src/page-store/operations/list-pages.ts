import type { FinishedPage, PageResult } from '@app/crawl';
import type { Database } from '../database.js';

export function listPages(
  database: Database,
  resource: string,
  after: number,
  limit: number,
): FinishedPage[] {
  const rows = database.all(
    `SELECT seq, state, url, depth, status, title, bytes, error, fetched_at FROM page
     WHERE crawl = (SELECT id FROM crawl WHERE resource = ?) AND seq > ?
       AND state IN ('done', 'failed', 'redirected') ORDER BY seq LIMIT ?`,
    resource,
    after,
    limit,
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    state: row.state as PageResult['state'],
    url: String(row.url),
    depth: Number(row.depth),
    status: Number(row.status),
    title: String(row.title),
    bytes: Number(row.bytes),
    error: String(row.error),
    fetchedAt: Number(row.fetched_at),
  }));
}

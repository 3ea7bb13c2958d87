import type { FinishedPage, PageQuery } from '@app/crawl';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';

export function listPages(
  { db }: Work,
  resource: string,
  { after, limit, failed = false }: PageQuery,
): FinishedPage[] {
  // Each way by the table that has nothing to pass over.
  const from = failed
    ? `page INDEXED BY page_failed CROSS JOIN outcome USING (crawl, seq)`
    : `outcome CROSS JOIN page USING (crawl, seq)`;
  const rows = db.all(
    `SELECT seq, url, rule, depth, state, status, title, bytes, error, attempt, fetched_at FROM ${from}
     WHERE crawl = (SELECT id FROM crawl WHERE resource = ?) AND seq > ?
       AND state ${failed ? `= ${PAGE.failed}` : `>= ${PAGE.done}`}
     ORDER BY seq LIMIT ?`,
    resource,
    after,
    limit,
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    url: String(row.url),
    rule: String(row.rule),
    depth: Number(row.depth),
    state: stateOf(Number(row.state)),
    status: Number(row.status),
    title: String(row.title),
    bytes: Number(row.bytes),
    error: String(row.error),
    attempts: Number(row.attempt),
    fetchedAt: Number(row.fetched_at),
  }));
}

function stateOf(stored: number): FinishedPage['state'] {
  if (stored === PAGE.done) return 'done';
  return stored === PAGE.failed ? 'failed' : 'redirected';
}

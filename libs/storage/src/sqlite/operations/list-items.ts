import type { StoredItem } from '@app/crawl';
import type { Work } from '../work.js';

export function listItems({ db }: Work, resource: string, after: number, limit: number): StoredItem[] {
  const rows = db.all(
    `SELECT number, rule, url, position, fetched_at, CAST(item.epoch AS TEXT) AS epoch, item.run, spec_hash, data,
       trace_id
     FROM crawl CROSS JOIN item INDEXED BY item_of_crawl ON item.crawl = crawl.id
       CROSS JOIN page ON page.crawl = item.crawl AND page.seq = item.page
     WHERE resource = ? AND number > ? ORDER BY number LIMIT ?`,
    resource,
    after,
    limit,
  );
  return rows.map((row) => ({
    number: Number(row.number),
    resource,
    rule: String(row.rule),
    url: String(row.url),
    position: Number(row.position),
    fetchedAt: Number(row.fetched_at),
    epoch: BigInt(String(row.epoch)),
    run: Number(row.run),
    specHash: String(row.spec_hash),
    data: String(row.data),
    traceId: String(row.trace_id),
  }));
}

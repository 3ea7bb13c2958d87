import type { StoredItem } from '@app/crawl';
import type { Database, Row, Statement } from '../database.js';

const ITEMS: Statement = {
  name: 'items',
  text: `
  SELECT item.number, item.position, item.fetched_at, item.epoch::text AS epoch, item.run, item.data, page.rule,
    page.url, crawl.spec_hash
  FROM crawl
    CROSS JOIN LATERAL (
      SELECT * FROM item WHERE item.crawl = crawl.id AND item.number > $2 ORDER BY item.number LIMIT $3
    ) AS item
    CROSS JOIN LATERAL (
      SELECT rule, url FROM page WHERE page.crawl = crawl.id AND page.seq = item.seq OFFSET 0
    ) AS page
  WHERE crawl.resource = $1 ORDER BY item.number`,
};

export async function listItems(
  database: Database,
  resource: string,
  after: number,
  limit: number,
): Promise<StoredItem[]> {
  const rows = await database.query(ITEMS, resource, after, limit);
  return rows.map((row) => stored(resource, row));
}

function stored(resource: string, row: Row): StoredItem {
  return {
    number: row.number as number,
    resource,
    rule: row.rule as string,
    url: row.url as string,
    position: row.position as number,
    fetchedAt: row.fetched_at as number,
    epoch: BigInt(row.epoch as string),
    run: row.run as number,
    specHash: row.spec_hash as string,
    data: row.data as string,
  };
}

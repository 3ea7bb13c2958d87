import type { StoredItem } from '@app/crawl';
import type { Database, Row, Statement } from '../database.js';

const ITEMS: Statement = {
  name: 'items',
  text: `
  SELECT item.id - id_of(crawl.id, 0) AS number, position, fetched_at, item.epoch::text AS epoch, item.run, data,
    trace_id, rule, url, spec_hash
  FROM crawl
    CROSS JOIN LATERAL (
      SELECT * FROM item WHERE id > id_of(crawl.id, $2) AND id < id_of(crawl.id + 1, 0) ORDER BY id LIMIT $3
    ) AS item
    CROSS JOIN LATERAL (SELECT rule, url FROM page WHERE id = item.page OFFSET 0) AS page
  WHERE resource = $1 ORDER BY item.id`,
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
    traceId: row.trace_id as string,
  };
}

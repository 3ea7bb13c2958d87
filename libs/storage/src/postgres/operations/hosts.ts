import type { Claim } from '@app/crawl';
import { textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { IS_HELD, superseded } from './hold.js';

/** A host whose pages waited stands behind the others: its place among them is not known. */
const HOSTS: Statement = {
  name: 'hosts',
  text: `
  WITH moment AS MATERIALIZED (SELECT now_ms() AS now),
  ready AS MATERIALIZED (
    SELECT host, row_number() OVER (ORDER BY urgency, depth, page) AS place FROM (
      SELECT host, urgency, depth, page FROM crawl_host
      WHERE crawl = $1 AND page IS NOT NULL AND host <> ALL($3::text[])
      ORDER BY urgency, depth, page LIMIT $4
    ) AS best
  ), due AS (
    SELECT host, $4 + row_number() OVER (ORDER BY due_at) AS place FROM (
      SELECT host, due_at FROM crawl_host
      WHERE crawl = $1 AND due_at IS NOT NULL AND due_at <= (SELECT now FROM moment) AND host <> ALL($3::text[])
      ORDER BY due_at LIMIT $4
    ) AS longest
  )
  SELECT queued_count,
    ARRAY(
      SELECT host FROM (SELECT * FROM ready UNION ALL SELECT * FROM due) AS each GROUP BY host
      ORDER BY min(place) LIMIT $4
    ) AS hosts,
    (SELECT due_at FROM queue WHERE queue.crawl = $1 AND due_at > 0 AND due_at > (SELECT now FROM moment)
      ORDER BY due_at LIMIT 1) - (SELECT now FROM moment) AS next_in_ms
  FROM crawl WHERE ${IS_HELD}`,
};

export async function hosts(
  database: Database,
  claim: Claim,
  except: readonly string[],
  limit: number,
): Promise<{ hosts: string[]; nextInMs: number | undefined; unfinishedCount: number }> {
  const [row] = await database.query(HOSTS, claim.crawlId, claim.number, textArray(except), limit);
  if (row === undefined) throw superseded(claim.resource);
  return {
    hosts: row.hosts as string[],
    nextInMs: (row.next_in_ms as number | null) ?? undefined,
    unfinishedCount: row.queued_count as number,
  };
}

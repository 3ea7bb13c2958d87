import type { Claim } from '@app/crawl';
import { textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { IS_HELD, superseded } from './hold.js';

/** Of what waited and may be taken now, so much is looked at to see which is the best. */
const LOOKED_AT = 100;

const HOSTS: Statement = {
  name: 'hosts',
  text: `
  WITH moment AS MATERIALIZED (SELECT now_ms() AS now),
  ready AS (
    SELECT host, urgency, depth, page FROM crawl_host
    WHERE crawl = $1 AND page IS NOT NULL AND host <> ALL($3::text[])
    ORDER BY urgency, depth, page LIMIT $4
  ), due AS (
    SELECT waited.host, best.* FROM (
      SELECT host FROM crawl_host
      WHERE crawl = $1 AND due_at IS NOT NULL AND due_at <= (SELECT now FROM moment) AND host <> ALL($3::text[])
      ORDER BY due_at LIMIT ${LOOKED_AT}
    ) AS waited CROSS JOIN LATERAL (
      SELECT * FROM (
        SELECT urgency, depth, id FROM queue
        WHERE queue.crawl = $1 AND queue.host = waited.host AND due_at > 0 AND due_at <= (SELECT now FROM moment)
        ORDER BY due_at LIMIT ${LOOKED_AT}
      ) AS some_of_it ORDER BY urgency, depth, id LIMIT 1
    ) AS best
  ), each_once AS (
    SELECT DISTINCT ON (host) * FROM (SELECT * FROM ready UNION ALL SELECT * FROM due) AS both_kinds
    ORDER BY host, urgency, depth, page
  )
  SELECT queued_count,
    ARRAY(SELECT host FROM each_once ORDER BY urgency, depth, page LIMIT $4) AS hosts,
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

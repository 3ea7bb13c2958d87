import type { Claim, TakenPage } from '@app/crawl';
import { numberArray } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';
import { IS_HELD, superseded } from './hold.js';
import { readyPages } from './ready-pages.js';

const COLUMNS = 'id, queue.host, urgency, depth, attempt, redirects, rule, url, carried, etag, last_modified';
const NOT_HELD = 'id <> ALL(ARRAY(SELECT id_of($1, seq) FROM unnest($5::bigint[]) AS seq))';

/** Of what waited and may be taken now, so much is looked at to see which is the best. */
const LOOKED_AT = 1_000;

const TAKE: Statement = {
  name: 'take',
  text: `
  SELECT page.*, page.id - id_of($1, 0) AS seq FROM crawl LEFT JOIN LATERAL (
    SELECT * FROM (
      (${readyPages(COLUMNS, '$3', NOT_HELD)} LIMIT $4)
      UNION ALL
      (SELECT ${COLUMNS} FROM queue
        WHERE crawl = $1 AND host = $3 AND due_at > 0 AND due_at <= (SELECT now_ms()) AND ${NOT_HELD}
        ORDER BY due_at LIMIT ${LOOKED_AT})
    ) AS ready ORDER BY urgency, depth, id LIMIT $4
  ) AS page ON true
  WHERE ${IS_HELD}`,
};

export async function take(
  database: Database,
  claim: Claim,
  host: string,
  limit: number,
  held: readonly number[],
): Promise<TakenPage[]> {
  const rows = await database.query(TAKE, claim.crawlId, claim.number, host, limit, numberArray(held));
  if (rows.length === 0) throw superseded(claim.resource);
  // One row without a page: the claim is held, there is nothing to take.
  return rows.filter(({ seq }) => seq !== null).map(taken);
}

function taken(row: Row): TakenPage {
  return {
    seq: row.seq as number,
    url: row.url as string,
    host: row.host as string,
    rule: row.rule as string,
    depth: row.depth as number,
    priority: 0 - (row.urgency as number),
    redirects: row.redirects as number,
    carried: row.carried as string,
    attempt: row.attempt as number,
    etag: row.etag as string,
    lastModified: row.last_modified as string,
  };
}

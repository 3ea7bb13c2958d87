import type { NewClaim as Claim, NewTakenPage as TakenPage } from '@app/crawl';
import { numberArray } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';
import { IS_HELD, superseded } from './hold.js';

const COLUMNS = 'seq, host, urgency, depth, attempt, redirects, rule, url, carried, etag, last_modified';

/**
 * From where the host's queue begins, in the order of the index; and what waited, whose time has come. Of these,
 * when they are more than are taken, those that waited longest.
 */
const TAKE: Statement = {
  name: 'take',
  text: `
  SELECT page.* FROM crawl LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT ${COLUMNS} FROM queue
        WHERE crawl = $1 AND host = $3 AND due_at = 0 AND seq <> ALL($5::bigint[])
          AND (urgency, depth, seq) >= (SELECT urgency, depth, seq FROM crawl_host WHERE crawl = $1 AND host = $3)
        ORDER BY urgency, depth, seq LIMIT $4)
      UNION ALL
      (SELECT ${COLUMNS} FROM queue
        WHERE crawl = $1 AND host = $3 AND due_at > 0 AND due_at <= (SELECT now_ms()) AND seq <> ALL($5::bigint[])
        ORDER BY due_at LIMIT $4)
    ) AS ready ORDER BY urgency, depth, seq LIMIT $4
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

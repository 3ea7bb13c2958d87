import type { NewClaim as Claim } from '@app/crawl';
import { storable } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';
import { hold } from './hold.js';

const AT_ONCE = 5_000;

const FAIL_HOST: Statement = {
  name: 'fail_host',
  text: `
  WITH failed AS (
    DELETE FROM queue WHERE crawl = $1 AND seq = ANY(ARRAY(
      SELECT seq FROM (
        (SELECT seq FROM queue WHERE crawl = $1 AND host = $2 AND due_at = 0
          AND (urgency, depth, seq) >= (SELECT urgency, depth, seq FROM crawl_host WHERE crawl = $1 AND host = $2)
          ORDER BY urgency, depth, seq LIMIT $4)
        UNION ALL
        (SELECT seq FROM queue WHERE crawl = $1 AND host = $2 AND due_at > 0 ORDER BY due_at LIMIT $4)
      ) AS unsettled LIMIT $4
    ))
    RETURNING *
  ), kept AS (
    INSERT INTO page (crawl, seq, state, host, urgency, depth, attempts, redirects, rule, url, carried, etag,
      last_modified, status, title, bytes, error, fetched_at)
    SELECT $1, seq, 'failed', host, urgency, depth, attempt, redirects, rule, url, carried, etag, last_modified,
      0, '', 0, $3, now_ms()
    FROM failed
    ON CONFLICT (crawl, seq) DO UPDATE SET
      state = excluded.state, attempts = excluded.attempts, status = excluded.status, title = excluded.title,
      bytes = excluded.bytes, error = excluded.error, fetched_at = excluded.fetched_at
  ), counted AS (SELECT count(*) FROM failed)
  UPDATE crawl SET queued_count = queued_count - counted.count, failed_count = failed_count + counted.count
  FROM counted WHERE id = $1 RETURNING counted.count`,
};

const MOVE_HOST_ON: Statement = {
  name: 'move_host_on',
  text: `
  UPDATE crawl_host AS known SET
    (urgency, depth, seq) = (
      SELECT urgency, depth, seq FROM queue WHERE crawl = $1 AND host = $2 AND due_at = 0
        AND (urgency, depth, seq) >= (known.urgency, known.depth, known.seq)
      ORDER BY urgency, depth, seq LIMIT 1
    ),
    due_at = (SELECT due_at FROM queue WHERE crawl = $1 AND host = $2 AND due_at > 0 ORDER BY due_at LIMIT 1)
  WHERE crawl = $1 AND host = $2`,
};

/** In steps, each a transaction: a host may have a million pages. */
export async function failHost(
  database: Database,
  claim: Claim,
  host: string,
  reason: string,
): Promise<number> {
  for (let failedCount = 0; ;) {
    const answers = await database.transaction([
      hold(claim),
      [FAIL_HOST, claim.crawlId, host, storable(reason), AT_ONCE],
      [MOVE_HOST_ON, claim.crawlId, host],
    ]);
    const [row] = answers[1] as [Row];
    failedCount += row.count as number;
    if ((row.count as number) < AT_ONCE) return failedCount;
  }
}

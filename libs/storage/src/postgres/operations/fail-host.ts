import type { Claim } from '@app/crawl';
import { storable } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';
import { addToStep, STEP_AT } from './history.js';
import { hold } from './hold.js';
import { moveOnOfHost } from './move-on.js';
import { readyPages } from './ready-pages.js';

const AT_ONCE = 5_000;

const FAIL_HOST: Statement = {
  name: 'fail_host',
  text: `
  WITH failed AS (
    DELETE FROM queue WHERE id = ANY(ARRAY(
      (${readyPages('id', '$2')} LIMIT $4)
      UNION ALL
      (SELECT id FROM queue WHERE crawl = $1 AND host = $2 AND due_at > 0 LIMIT $4)
      LIMIT $4
    ))
    RETURNING *
  ), kept AS (
    INSERT INTO page (id, state, host, urgency, depth, attempts, redirects, rule, url, carried, etag, last_modified,
      status, title, bytes, error, fetched_at)
    SELECT id, 'failed', host, urgency, depth, attempt, redirects, rule, url, carried, etag, last_modified,
      0, '', 0, $3, now_ms()
    FROM failed
    ON CONFLICT (id) DO UPDATE SET
      state = excluded.state, attempts = excluded.attempts, status = excluded.status, title = excluded.title,
      bytes = excluded.bytes, error = excluded.error, fetched_at = excluded.fetched_at
  ), total AS MATERIALIZED (
    SELECT count(*) AS failed FROM failed
  ), noted AS (${addToStep(`
    SELECT $1, ${STEP_AT}, 0, total.failed, 0, 0, queued_count - total.failed
    FROM total, crawl WHERE crawl.id = $1 AND total.failed > 0`)}
  )
  UPDATE crawl SET queued_count = queued_count - total.failed, failed_count = failed_count + total.failed,
    last_error = CASE WHEN total.failed > 0 THEN $3 ELSE last_error END
  FROM total WHERE id = $1 RETURNING total.failed`,
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
      moveOnOfHost(claim.crawlId, host),
    ]);
    const [row] = answers[1] as [Row];
    const failed = row.failed as number;
    failedCount += failed;
    if (failed < AT_ONCE) return failedCount;
  }
}

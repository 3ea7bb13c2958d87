import type { NewClaimRequest as ClaimRequest } from '@app/crawl';
import { textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { fingerprintOf } from './fingerprint.js';

type Query = Database['query'];

const AT_ONCE = 5_000;

/** Puts those of the settled pages that `chosen` names (after `$1`, the crawl) back into the queue. */
function requeue(name: string, chosen: string): Statement {
  return {
    name,
    text: `
  WITH chosen AS MATERIALIZED (
    SELECT page.seq, page.state FROM ${chosen} AND page.state <> 'queued'
  ), again AS (
    UPDATE page SET state = 'queued' WHERE crawl = $1 AND seq = ANY(ARRAY(SELECT seq FROM chosen)) RETURNING *
  ), queued AS (
    INSERT INTO queue (crawl, seq, host, urgency, depth, redirects, rule, url, carried, etag, last_modified)
    SELECT crawl, seq, host, urgency, depth, redirects, rule, url, carried, etag, last_modified FROM again
  ), reached AS (
    INSERT INTO crawl_host AS known (crawl, host, urgency, depth, seq)
    SELECT DISTINCT ON (host) crawl, host, urgency, depth, seq FROM again ORDER BY host, urgency, depth, seq
    ON CONFLICT (crawl, host) DO UPDATE
      SET urgency = excluded.urgency, depth = excluded.depth, seq = excluded.seq
      WHERE known.seq IS NULL
        OR (excluded.urgency, excluded.depth, excluded.seq) < (known.urgency, known.depth, known.seq)
  )
  UPDATE crawl SET
    queued_count = queued_count + total.chosen,
    done_count = done_count - (total.chosen - total.failed - total.redirected),
    failed_count = failed_count - total.failed,
    redirected_count = redirected_count - total.redirected
  FROM (
    SELECT count(*) AS chosen, count(*) FILTER (WHERE state = 'failed') AS failed,
      count(*) FILTER (WHERE state = 'redirected') AS redirected
    FROM chosen
  ) AS total
  WHERE id = $1`,
  };
}

const SEEDS = requeue(
  'requeue_seeds',
  `page WHERE page.crawl = $1 AND page.seq = ANY(ARRAY(
      SELECT (SELECT seen.seq FROM seen WHERE seen.crawl = $1 AND seen.fingerprint = ${fingerprintOf('seed.url')})
      FROM unnest($2::text[]) AS seed (url)
    ))`,
);
const RULES = requeue(
  'requeue_rules',
  `page WHERE page.crawl = $1 AND page.seq > $2 AND page.seq <= $3
      AND (page.rule = ANY($4::text[]) OR '*' = ANY($4::text[]))`,
);
const FAILED = requeue(
  'requeue_failed',
  `page WHERE page.crawl = $1 AND page.seq > $2 AND page.seq <= $3 AND page.state = 'failed'`,
);

/** For a new run: its seeds, and the pages of the rules that are to be fetched again. */
export async function requeueReloaded(
  query: Query,
  crawlId: number,
  lastSeq: number,
  { seeds, reloadRules }: ClaimRequest,
): Promise<void> {
  const urls = [...new Set(seeds.map(({ url }) => url))];
  for (let start = 0; start < urls.length; start += AT_ONCE) {
    await query(SEEDS, crawlId, textArray(urls.slice(start, start + AT_ONCE)));
  }
  if (reloadRules.length === 0) return;
  const rules = textArray(reloadRules);
  for (let after = 0; after < lastSeq; after += AT_ONCE) {
    await query(RULES, crawlId, after, after + AT_ONCE, rules);
  }
}

export async function requeueFailed(query: Query, crawlId: number, lastSeq: number): Promise<void> {
  for (let after = 0; after < lastSeq; after += AT_ONCE) {
    await query(FAILED, crawlId, after, after + AT_ONCE);
  }
}

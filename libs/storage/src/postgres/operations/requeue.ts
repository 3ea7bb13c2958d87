import type { ClaimRequest } from '@app/crawl';
import { textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { fingerprintOf } from './fingerprint.js';
import { reach } from './reach.js';

type Query = Database['query'];

const AT_ONCE = 5_000;

/** Puts settled pages of the crawl `$1` back into the queue: those of which `chosen` is true. */
function requeue(name: string, chosen: string): Statement {
  return {
    name,
    text: `
  WITH chosen AS MATERIALIZED (
    SELECT id, state FROM page WHERE ${chosen} AND state <> 'queued'
  ), again AS (
    UPDATE page SET state = 'queued' WHERE id = ANY(ARRAY(SELECT id FROM chosen)) RETURNING *
  ), queued AS (
    INSERT INTO queue (id, crawl, host, urgency, depth, redirects, rule, url, carried, etag, last_modified)
    SELECT id, $1, host, urgency, depth, redirects, rule, url, carried, etag, last_modified FROM again
  ), reached AS (${reach('again')})
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
  `id = ANY(ARRAY(
      SELECT (SELECT page FROM seen WHERE fingerprint = ${fingerprintOf('url')}) FROM unnest($2::text[]) AS seed (url)
    ))`,
);
const BETWEEN = 'id > id_of($1, $2) AND id <= id_of($1, $3)';
const RULES = requeue('requeue_rules', `${BETWEEN} AND (rule = ANY($4::text[]) OR '*' = ANY($4::text[]))`);
const FAILED = requeue('requeue_failed', `${BETWEEN} AND state = 'failed'`);

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

import type { PageResult } from '@app/crawl';
import { numberArray, storable, textArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';

/**
 * Takes pages from the queue to the settled ones, where one of an earlier run may stand: a page that is not `done`
 * this time keeps its items and what makes its requests conditional; an `unchanged` one also what it held. Rows are
 * reached by subqueries on their keys, which leave the planner no choice of joins.
 */
const SETTLE: Statement = {
  name: 'settle',
  text: `
  WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
      $2::bigint[], $3::text[], $4::integer[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[],
      $10::text[], $11::bigint[], $12::integer[]
    ) AS result (seq, state, status, title, bytes, error, fetched_at, etag, last_modified, item_place, item_count)
  ), settled AS MATERIALIZED (
    SELECT given.*, crawl.last_item, queued.id, queued.host, queued.urgency, queued.depth, queued.attempt,
      queued.redirects, queued.rule, queued.url, queued.carried,
      known.title AS known_title, known.bytes AS known_bytes, known.etag AS known_etag,
      known.last_modified AS known_last_modified, known.first_item AS known_first_item,
      coalesce(known.item_count, 0) AS known_item_count
    FROM crawl, given
      CROSS JOIN LATERAL (SELECT * FROM queue WHERE id = id_of($1, given.seq) OFFSET 0) AS queued
      LEFT JOIN LATERAL (SELECT * FROM page WHERE id = id_of($1, given.seq) OFFSET 0) AS known ON true
    WHERE crawl.id = $1
  ), removed AS (
    DELETE FROM queue WHERE id = ANY(ARRAY(SELECT id FROM settled))
  ), forgotten AS (
    DELETE FROM item WHERE id = ANY(ARRAY(
      SELECT generate_series(known_first_item, known_first_item + known_item_count - 1) FROM settled
      WHERE state = 'done' AND known_item_count > 0
    ))
  ), stored AS (
    INSERT INTO item (id, page, position, fetched_at, epoch, run, data, trace_id)
    SELECT id_of($1, last_item + place), id_of($1, item.seq), position, fetched_at, epoch, run, data,
      coalesce(trace_id, '')
    FROM (SELECT last_item, epoch, run FROM crawl WHERE id = $1) AS crawl,
      unnest($13::bigint[], $14::integer[], $15::bigint[], $16::text[], $17::text[])
        WITH ORDINALITY AS item (seq, position, fetched_at, data, trace_id, place)
  ), kept AS (
    INSERT INTO page (id, state, host, urgency, depth, attempts, redirects, rule, url, carried, status, error,
      fetched_at, title, bytes, etag, last_modified, first_item, item_count)
    SELECT id, CASE state WHEN 'unchanged' THEN 'done' ELSE state END, host, urgency, depth, attempt + 1,
      redirects, rule, url, carried, status, error, fetched_at,
      CASE state WHEN 'unchanged' THEN coalesce(known_title, '') ELSE title END,
      CASE state WHEN 'unchanged' THEN coalesce(known_bytes, 0) ELSE bytes END,
      CASE state WHEN 'done' THEN etag ELSE coalesce(known_etag, '') END,
      CASE state WHEN 'done' THEN last_modified ELSE coalesce(known_last_modified, '') END,
      CASE state WHEN 'done' THEN id_of($1, last_item + item_place + 1) ELSE coalesce(known_first_item, 0) END,
      CASE state WHEN 'done' THEN item_count ELSE known_item_count END
    FROM settled
    ON CONFLICT (id) DO UPDATE SET
      state = excluded.state, attempts = excluded.attempts, status = excluded.status, error = excluded.error,
      fetched_at = excluded.fetched_at, title = excluded.title, bytes = excluded.bytes, etag = excluded.etag,
      last_modified = excluded.last_modified, first_item = excluded.first_item, item_count = excluded.item_count
  )
  UPDATE crawl SET
    queued_count = queued_count - total.settled,
    done_count = done_count + total.settled - total.failed - total.redirected,
    failed_count = failed_count + total.failed,
    redirected_count = redirected_count + total.redirected,
    last_item = last_item + cardinality($13::bigint[]),
    item_count = item_count + cardinality($13::bigint[]) - total.forgotten,
    last_error = coalesce($18, last_error)
  FROM (
    SELECT count(*) AS settled, count(*) FILTER (WHERE state = 'failed') AS failed,
      count(*) FILTER (WHERE state = 'redirected') AS redirected,
      coalesce(sum(known_item_count) FILTER (WHERE state = 'done'), 0) AS forgotten
    FROM settled
  ) AS total
  WHERE id = $1`,
};

/** All are queued, each once, and none is to be tried again. */
export function settle(crawlId: number, results: readonly PageResult[]): Call {
  const items = results
    .filter(({ state }) => state === 'done')
    .flatMap(({ seq, fetchedAt, traceId, items: found }) =>
      found.map((data, position) => ({ seq, position, fetchedAt, data, traceId })),
    );
  const lastError = results.findLast(({ state }) => state === 'failed')?.error;
  let place = 0;
  const places = results.map(({ state, items: { length } }) => {
    const count = state === 'done' ? length : 0;
    place += count;
    return { place: place - count, count };
  });
  return [
    SETTLE,
    crawlId,
    numberArray(results.map(({ seq }) => seq)),
    textArray(results.map(({ state }) => state)),
    numberArray(results.map(({ status }) => status)),
    textArray(results.map(({ title }) => title)),
    numberArray(results.map(({ bytes }) => bytes)),
    textArray(results.map(({ error }) => error)),
    numberArray(results.map(({ fetchedAt }) => Math.round(fetchedAt))),
    textArray(results.map(({ etag }) => etag)),
    textArray(results.map(({ lastModified }) => lastModified)),
    numberArray(places.map((each) => each.place)),
    numberArray(places.map(({ count }) => count)),
    numberArray(items.map(({ seq }) => seq)),
    numberArray(items.map(({ position }) => position)),
    numberArray(items.map(({ fetchedAt }) => Math.round(fetchedAt))),
    textArray(items.map(({ data }) => data)),
    // Mostly nothing is traced: the column is then made of nothing.
    items.some(({ traceId }) => traceId !== '') ? textArray(items.map(({ traceId }) => traceId)) : '{}',
    lastError === undefined ? null : storable(lastError),
  ];
}

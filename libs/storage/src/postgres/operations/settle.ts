import type { NewPageResult as PageResult } from '@app/crawl';
import { numberArray, textArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';

/**
 * Takes pages from the queue to the settled ones, where one of an earlier run may stand: a page that is not `done`
 * this time keeps its items and what makes its requests conditional; an `unchanged` one also what it held.
 */
const SETTLE: Statement = {
  name: 'settle',
  text: `
  WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
      $2::bigint[], $3::text[], $4::integer[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[],
      $10::text[], $11::bigint[], $12::integer[]
    ) AS result (seq, state, status, title, bytes, error, fetched_at, etag, last_modified, item_place, item_count)
  ), settled AS (
    DELETE FROM queue USING given WHERE queue.crawl = $1 AND queue.seq = given.seq
    RETURNING queue.host, queue.urgency, queue.depth, queue.attempt, queue.redirects, queue.rule, queue.url,
      queue.carried, given.*
  ), stored AS (
    INSERT INTO item (crawl, number, seq, position, fetched_at, epoch, run, data)
    SELECT $1, crawl.last_item + place, item.seq, position, fetched_at, crawl.epoch, crawl.run, data
    FROM unnest($13::bigint[], $14::integer[], $15::bigint[], $16::text[])
      WITH ORDINALITY AS item (seq, position, fetched_at, data, place), crawl
    WHERE crawl.id = $1
  ), forgotten AS (
    DELETE FROM item USING given, page
    WHERE given.state = 'done' AND page.crawl = $1 AND page.seq = given.seq AND page.item_count > 0
      AND item.crawl = $1 AND item.number >= page.first_item AND item.number < page.first_item + page.item_count
    RETURNING item.number
  ), kept AS (
    INSERT INTO page (crawl, seq, state, host, urgency, depth, attempts, redirects, rule, url, carried, status, error,
      fetched_at, title, bytes, etag, last_modified, first_item, item_count)
    SELECT $1, settled.seq, CASE settled.state WHEN 'unchanged' THEN 'done' ELSE settled.state END,
      settled.host, settled.urgency, settled.depth, attempt + 1, settled.redirects, settled.rule, settled.url,
      settled.carried, settled.status, settled.error, settled.fetched_at,
      CASE settled.state WHEN 'unchanged' THEN coalesce(known.title, '') ELSE settled.title END,
      CASE settled.state WHEN 'unchanged' THEN coalesce(known.bytes, 0) ELSE settled.bytes END,
      CASE settled.state WHEN 'done' THEN settled.etag ELSE coalesce(known.etag, '') END,
      CASE settled.state WHEN 'done' THEN settled.last_modified ELSE coalesce(known.last_modified, '') END,
      CASE settled.state WHEN 'done' THEN crawl.last_item + item_place + 1 ELSE coalesce(known.first_item, 0) END,
      CASE settled.state WHEN 'done' THEN settled.item_count ELSE coalesce(known.item_count, 0) END
    FROM settled JOIN crawl ON crawl.id = $1
      LEFT JOIN page AS known ON known.crawl = $1 AND known.seq = settled.seq
    ON CONFLICT (crawl, seq) DO UPDATE SET
      state = excluded.state, attempts = excluded.attempts, status = excluded.status, error = excluded.error,
      fetched_at = excluded.fetched_at, title = excluded.title, bytes = excluded.bytes, etag = excluded.etag,
      last_modified = excluded.last_modified, first_item = excluded.first_item, item_count = excluded.item_count
  )
  UPDATE crawl SET
    queued_count = queued_count - count.settled,
    done_count = done_count + count.settled - count.failed - count.redirected,
    failed_count = failed_count + count.failed,
    redirected_count = redirected_count + count.redirected,
    last_item = last_item + cardinality($13::bigint[]),
    item_count = item_count + cardinality($13::bigint[]) - (SELECT count(*) FROM forgotten)
  FROM (
    SELECT count(*) AS settled, count(*) FILTER (WHERE state = 'failed') AS failed,
      count(*) FILTER (WHERE state = 'redirected') AS redirected
    FROM settled
  ) AS count
  WHERE id = $1`,
};

/** All are queued, each once, and none is to be tried again. */
export function settle(crawlId: number, results: readonly PageResult[]): Call {
  const items = results
    .filter(({ state }) => state === 'done')
    .flatMap(({ seq, fetchedAt, items: found }) =>
      found.map((data, position) => ({ seq, position, fetchedAt, data })),
    );
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
  ];
}

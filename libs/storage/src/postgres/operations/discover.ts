import type { Discovery } from '@app/crawl';
import { numberArray, textArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';
import { fingerprintOf } from './fingerprint.js';
import { reach } from './reach.js';

/**
 * Queues what the crawl does not know yet, as far as there is room, in the order given. The crawl is held, so nobody
 * else adds to it meanwhile. `$2` pages are about to make room: they are redirects that the same transaction settles.
 */
const DISCOVER: Statement = {
  name: 'discover',
  text: `
  WITH found AS MATERIALIZED (
    SELECT *, ${fingerprintOf('url')} AS fingerprint
    FROM unnest($3::text[], $4::text[], $5::text[], $6::integer[], $7::double precision[], $8::integer[], $9::text[])
      WITH ORDINALITY AS given (url, host, rule, depth, urgency, redirects, carried, place)
  ), unknown AS (
    SELECT * FROM found WHERE (SELECT page FROM seen WHERE seen.fingerprint = found.fingerprint) IS NULL
    ORDER BY place
    LIMIT (SELECT greatest(0, max_pages - queued_count - done_count - failed_count + $2) FROM crawl WHERE id = $1)
  ), fresh AS MATERIALIZED (
    SELECT *, id_of($1, (SELECT last_seq FROM crawl WHERE id = $1) + row_number() OVER (ORDER BY place)) AS id
    FROM unknown
  ), remembered AS (
    INSERT INTO seen (fingerprint, page) SELECT fingerprint, id FROM fresh
  ), queued AS (
    INSERT INTO queue (id, crawl, host, urgency, depth, redirects, rule, url, carried)
    SELECT id, $1, host, urgency, depth, redirects, rule, url, carried FROM fresh
  ), reached AS (${reach('fresh')})
  UPDATE crawl SET last_seq = last_seq + added.count, queued_count = queued_count + added.count
  FROM (SELECT count(*) FROM fresh) AS added WHERE id = $1 AND added.count > 0`,
};

const AT_ONCE = 10_000;

export function discover(crawlId: number, found: Iterable<Discovery>, redirectCount = 0): Call[] {
  const once = firstOfEach(found);
  const calls: Call[] = [];
  for (let start = 0; start < once.length; start += AT_ONCE) {
    const some = once.slice(start, start + AT_ONCE);
    calls.push([
      DISCOVER,
      crawlId,
      redirectCount,
      textArray(some.map(({ url }) => url)),
      textArray(some.map(({ host }) => host)),
      textArray(some.map(({ rule }) => rule)),
      numberArray(some.map(({ depth }) => depth)),
      numberArray(some.map(({ priority }) => -priority)),
      numberArray(some.map(({ redirects }) => redirects)),
      textArray(some.map(({ carried }) => carried)),
    ]);
  }
  return calls;
}

function firstOfEach(found: Iterable<Discovery>): Discovery[] {
  const first = new Map<string, Discovery>();
  for (const each of found) if (!first.has(each.url)) first.set(each.url, each);
  return [...first.values()];
}

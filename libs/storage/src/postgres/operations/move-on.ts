import { numberArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';
import { readyPages } from './ready-pages.js';

/** Where the queues of hosts begin, after pages of theirs were settled or postponed. */
function moveOn(name: string, hosts: string): Statement {
  return {
    name,
    text: `
  INSERT INTO crawl_host (crawl, host, urgency, depth, page, due_at)
  SELECT $1, host, urgency, depth, id,
    (SELECT due_at FROM queue WHERE crawl = $1 AND queue.host = touched.host AND due_at > 0 ORDER BY due_at LIMIT 1)
  FROM (${hosts}) AS touched
    LEFT JOIN LATERAL (${readyPages('urgency, depth, id', 'touched.host')} LIMIT 1) AS best ON true
  ON CONFLICT (crawl, host) DO UPDATE
    SET urgency = excluded.urgency, depth = excluded.depth, page = excluded.page, due_at = excluded.due_at`,
  };
}

const OF_PAGES = moveOn(
  'move_on',
  `SELECT host FROM page WHERE id = ANY(ARRAY(SELECT id_of($1, seq) FROM unnest($2::bigint[]) AS seq))
    UNION
    SELECT host FROM queue WHERE id = ANY(ARRAY(SELECT id_of($1, seq) FROM unnest($2::bigint[]) AS seq))`,
);
const OF_HOST = moveOn('move_host_on', 'SELECT $2::text COLLATE "C" AS host');

export function moveOnOfPages(crawlId: number, seqs: readonly number[]): Call {
  return [OF_PAGES, crawlId, numberArray(seqs)];
}

export function moveOnOfHost(crawlId: number, host: string): Call {
  return [OF_HOST, crawlId, host];
}

import type { TakenPage } from '@app/crawl';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { heldCrawl, type Held } from './held-crawl.js';
import { readyPages } from './ready-pages.js';

export function take(
  work: Work,
  held: Held,
  host: string,
  limit: number,
  inHand: readonly number[],
): TakenPage[] {
  const { db, hosts } = work;
  heldCrawl(db, held);
  readyPages(work, held.crawlId);
  const hostId = hosts.find(db, held.crawlId, host);
  if (hostId === undefined) return [];
  const rows = db.all(
    `SELECT page.seq, attempt, priority, depth, redirects, rule, url, carried,
       ifnull(etag, '') AS etag, ifnull(last_modified, '') AS last_modified
     FROM page INDEXED BY page_queued LEFT JOIN outcome USING (crawl, seq)
     WHERE host = ? AND state = ${PAGE.queued} AND page.seq NOT IN (SELECT value FROM json_each(?))
     ORDER BY priority DESC, depth, page.seq LIMIT ?`,
    hostId,
    JSON.stringify(inHand),
    limit,
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    attempt: Number(row.attempt),
    url: String(row.url),
    host,
    rule: String(row.rule),
    depth: Number(row.depth),
    priority: Number(row.priority),
    redirects: Number(row.redirects),
    carried: String(row.carried),
    etag: String(row.etag),
    lastModified: String(row.last_modified),
  }));
}

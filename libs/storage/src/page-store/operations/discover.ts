import type { Discovery } from '@app/crawl';
import type { Database, Row } from '../database.js';

/** Queues what the crawl does not know yet, as far as there is room. */
export function discover(database: Database, crawlId: number, found: Iterable<Discovery>): void {
  const crawl = database.get(
    'SELECT max_pages, discovered_count, redirected_count FROM crawl WHERE id = ?',
    crawlId,
  ) as Row;
  const knownCount = Number(crawl.discovered_count);
  let room = roomOf(crawl);
  let seq = knownCount;
  for (const { url, host, depth, redirects } of found) {
    if (room <= 0) break;
    const isNew = database.run(
      `INSERT INTO page (crawl, seq, url, host, depth, redirects) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (crawl, url) DO NOTHING`,
      crawlId,
      seq + 1,
      url,
      host,
      depth,
      redirects,
    );
    seq += isNew;
    room -= isNew;
  }
  if (seq > knownCount) database.run('UPDATE crawl SET discovered_count = ? WHERE id = ?', seq, crawlId);
}

/** How many more pages there may be: redirects only lead to one. */
export function roomOf(crawl: Row): number {
  return Number(crawl.max_pages) - Number(crawl.discovered_count) + Number(crawl.redirected_count);
}

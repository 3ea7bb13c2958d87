import type { Discovery } from '@app/crawl';
import { fingerprintOf } from '../fingerprint.js';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { roomOf, type HeldCrawl } from './held-crawl.js';

/** Queues what the crawl does not know yet, as far as there is room. Adds to its counts and to `touched` hosts. */
export function discover(
  { db, hosts }: Work,
  crawl: HeldCrawl,
  found: Iterable<Discovery>,
  touched: Set<number>,
): void {
  const asked = new Set<string>();
  for (const page of found) {
    if (roomOf(crawl) === 0) return;
    if (asked.has(page.url)) continue;
    asked.add(page.url);
    const seq = crawl.pageCount + 1;
    const isNew = db.run(
      'INSERT INTO seen (crawl, fingerprint, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      crawl.id,
      fingerprintOf(page.url),
      seq,
    );
    if (isNew === 0) continue;
    const host = hosts.findOrAdd(db, crawl.id, page.host);
    db.run(
      `INSERT INTO page (crawl, seq, state, host, priority, depth, redirects, rule, url, carried)
       VALUES (?, ?, ${PAGE.queued}, ?, ?, ?, ?, ?, ?, ?)`,
      crawl.id,
      seq,
      host,
      page.priority,
      page.depth,
      page.redirects,
      page.rule,
      page.url,
      page.carried,
    );
    crawl.pageCount = seq;
    touched.add(host);
  }
}

import { tallyOfFailed } from '../../tally.js';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { heldCrawl, saveCounts, type Held } from './held-crawl.js';
import { note } from './history.js';
import { keepOutcome } from './keep-outcome.js';
import { noteReady } from './ready-hosts.js';

/** Fails up to so many pages of the host. Gives how many; there may be more when it was as many as that. */
export function failHost(work: Work, held: Held, host: string, reason: string, limit: number): number {
  const { db, hosts, now } = work;
  const crawl = heldCrawl(db, held);
  const hostId = hosts.find(db, crawl.id, host);
  if (hostId === undefined) return 0;
  const pages = db.all(
    `SELECT seq FROM page INDEXED BY page_queued WHERE host = ?2 AND state = ${PAGE.queued}
     UNION ALL
     SELECT seq FROM page INDEXED BY page_waiting WHERE crawl = ?1 AND state = ${PAGE.waiting} AND host = ?2
     LIMIT ?3`,
    crawl.id,
    hostId,
    limit,
  );
  const outcome = { state: 'failed', status: 0, title: '', bytes: 0, error: reason, fetchedAt: now } as const;
  for (const page of pages) {
    const seq = Number(page.seq);
    db.run(`UPDATE page SET state = ${PAGE.failed} WHERE crawl = ? AND seq = ?`, crawl.id, seq);
    keepOutcome(db, crawl.id, { ...outcome, seq });
  }
  crawl.failedCount += pages.length;
  if (pages.length > 0) {
    saveCounts(db, crawl);
    note(work, crawl, tallyOfFailed(pages.length, reason));
  }
  noteReady(db, [hostId]);
  return pages.length;
}

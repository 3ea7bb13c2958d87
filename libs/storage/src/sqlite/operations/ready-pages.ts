import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { noteReady } from './ready-hosts.js';

/** Queues pages whose wait for another attempt is over. At most so many in one transaction. */
export function readyPages({ db, now }: Work, crawlId: number): void {
  const due = db.all(
    `SELECT seq, host FROM page INDEXED BY page_waiting
     WHERE crawl = ? AND state = ${PAGE.waiting} AND due_at <= ? ORDER BY due_at LIMIT ${AT_ONCE}`,
    crawlId,
    now,
  );
  for (const { seq } of due) {
    db.run(`UPDATE page SET state = ${PAGE.queued} WHERE crawl = ? AND seq = ?`, crawlId, Number(seq));
  }
  noteReady(db, new Set(due.map(({ host }) => Number(host))));
}

const AT_ONCE = 1_000;

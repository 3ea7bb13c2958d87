import type { Database } from '../database.js';

/** What an owner had in flight is queued again. */
export function requeue(database: Database, crawlId: number): void {
  database.run(`UPDATE page SET state = 'queued' WHERE crawl = ? AND state = 'taken'`, crawlId);
}

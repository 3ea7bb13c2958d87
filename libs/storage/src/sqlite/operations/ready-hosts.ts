import type { Connection } from '../connection.js';
import { PAGE } from '../schema.js';

/** Notes the best page that may be taken of each of these hosts, after their pages have changed. */
export function noteReady(db: Connection, hosts: Iterable<number>): void {
  for (const host of hosts) {
    const best = db.get(
      `SELECT priority, depth, seq FROM page INDEXED BY page_queued WHERE host = ? AND state = ${PAGE.queued}
       ORDER BY priority DESC, depth, seq LIMIT 1`,
      host,
    );
    const seq = best === undefined ? null : Number(best.seq);
    db.run(
      'UPDATE host SET priority = ?, depth = ?, seq = ? WHERE id = ? AND seq IS NOT ?',
      best === undefined ? null : Number(best.priority),
      best === undefined ? null : Number(best.depth),
      seq,
      host,
      seq,
    );
  }
}

import type { Claim, TakenPage } from '@app/crawl';
import type { Database } from '../database.js';
import { checkHeld } from './held.js';

export function take(database: Database, held: Claim, host: string, limit: number): TakenPage[] {
  checkHeld(database, held);
  const rows = database.all(
    `SELECT seq, url, depth, redirects FROM page
     WHERE crawl = ? AND host = ? AND state = 'queued' ORDER BY seq LIMIT ?`,
    held.crawlId,
    host,
    limit,
  );
  return rows.map((row) => {
    database.run(
      `UPDATE page SET state = 'taken' WHERE crawl = ? AND seq = ?`,
      held.crawlId,
      Number(row.seq),
    );
    return {
      seq: Number(row.seq),
      url: String(row.url),
      host,
      depth: Number(row.depth),
      redirects: Number(row.redirects),
    };
  });
}

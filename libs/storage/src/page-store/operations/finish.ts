import type { Claim } from '@app/crawl';
import type { Database } from '../database.js';
import { checkHeld } from './held.js';
import { unfinishedOf } from './read-progress.js';

export function finish(database: Database, held: Claim, nowAt: number): boolean {
  const crawl = checkHeld(database, held);
  if (unfinishedOf(crawl) > 0) return false;
  if (crawl.is_done === 0) {
    database.run('UPDATE crawl SET is_done = 1, since_at = ? WHERE id = ?', nowAt, held.crawlId);
  }
  return true;
}

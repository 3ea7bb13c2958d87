import type { Claim } from '@app/crawl';
import type { Database } from '../database.js';
import { checkHeld } from './held.js';
import { requeue } from './requeue.js';

export function release(database: Database, held: Claim): void {
  checkHeld(database, held);
  requeue(database, held.crawlId);
}

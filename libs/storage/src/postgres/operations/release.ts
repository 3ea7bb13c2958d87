import type { Claim } from '@app/crawl';
import type { Database, Statement } from '../database.js';
import { IS_HELD, superseded } from './hold.js';

const RELEASE: Statement = { name: 'release', text: `SELECT FROM crawl WHERE ${IS_HELD}` };

/** There is nothing to undo: what the owner had in hand is queued, since taking marks nothing. */
export async function release(database: Database, claim: Claim): Promise<void> {
  const rows = await database.query(RELEASE, claim.crawlId, claim.number);
  if (rows.length === 0) throw superseded(claim.resource);
}

import type { Claim, PageResult } from '@app/crawl';
import type { Database } from '../database.js';
import { discover, roomOf } from './discover.js';
import { checkHeld } from './held.js';

export function ack(database: Database, held: Claim, results: readonly PageResult[]): { room: number } {
  checkHeld(database, held);
  const finished = results.filter((result) => finishPage(database, held.crawlId, result));
  const count = (state: PageResult['state']): number =>
    finished.filter((result) => result.state === state).length;
  database.run(
    `UPDATE crawl SET done_count = done_count + ?, failed_count = failed_count + ?,
       redirected_count = redirected_count + ? WHERE id = ?`,
    count('done'),
    count('failed'),
    count('redirected'),
    held.crawlId,
  );
  discover(
    database,
    held.crawlId,
    finished.flatMap((result) => result.discovered),
  );
  return { room: roomOf(checkHeld(database, held)) };
}

/** False when the page is not taken: it was finished before. */
function finishPage(database: Database, crawlId: number, result: PageResult): boolean {
  const changed = database.run(
    `UPDATE page SET state = ?, status = ?, title = ?, bytes = ?, error = ?, fetched_at = ?
     WHERE crawl = ? AND seq = ? AND state = 'taken'`,
    result.state,
    result.status,
    result.title,
    result.bytes,
    result.error,
    result.fetchedAt,
    crawlId,
    result.seq,
  );
  return changed === 1;
}

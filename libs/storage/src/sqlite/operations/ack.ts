import type { AckAnswer, AckBatch, PageResult } from '@app/crawl';
import { tallyOf } from '../../tally.js';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { appendLines } from './append-lines.js';
import { discover } from './discover.js';
import { heldCrawl, roomOf, saveCounts, type Held, type HeldCrawl } from './held-crawl.js';
import { note } from './history.js';
import { keepOutcome } from './keep-outcome.js';
import { noteReady } from './ready-hosts.js';
import { replaceItems } from './replace-items.js';

export function ack(work: Work, held: Held, { results, memory, lines = [] }: AckBatch): AckAnswer {
  const { db } = work;
  const crawl = heldCrawl(db, held);
  const touched = new Set<number>();
  const settled = results.filter((result) => settle(work, crawl, result, touched));
  // After all of them: a redirect of this batch makes room.
  discover(
    work,
    crawl,
    settled.flatMap(({ discovered }) => discovered),
    touched,
  );
  if (settled.length > 0) {
    saveCounts(db, crawl);
    note(work, crawl, tallyOf(settled));
  }
  noteReady(db, touched);
  if (memory !== undefined) {
    db.run(
      'INSERT INTO memory (crawl, text) VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text',
      crawl.id,
      memory,
    );
  }
  appendLines(work, held.resource, lines);
  return { room: roomOf(crawl), itemCount: crawl.itemCount };
}

/** False when the result is for another attempt than the one that the page is at. */
function settle(work: Work, crawl: HeldCrawl, result: PageResult, touched: Set<number>): boolean {
  const { db } = work;
  const isRetry = result.state === 'retry';
  const page = db.get(
    `UPDATE page SET state = ?, attempt = attempt + 1, due_at = ?
     WHERE crawl = ? AND seq = ? AND attempt = ? AND state IN (${PAGE.queued}, ${PAGE.waiting}) RETURNING host`,
    STORED_STATE[result.state],
    isRetry ? Math.ceil(work.now + result.retryInMs) : 0,
    crawl.id,
    result.seq,
    result.attempt,
  );
  if (page === undefined) return false;
  touched.add(Number(page.host));
  if (isRetry) return true;
  if (result.state === 'done') replaceItems(db, crawl, result);
  else keepOutcome(db, crawl.id, result);
  if (result.state === 'failed') crawl.failedCount++;
  else if (result.state === 'redirected') crawl.redirectedCount++;
  else crawl.doneCount++;
  return true;
}

const STORED_STATE = {
  done: PAGE.done,
  unchanged: PAGE.done,
  redirected: PAGE.redirected,
  failed: PAGE.failed,
  retry: PAGE.waiting,
} as const satisfies Record<PageResult['state'], number>;

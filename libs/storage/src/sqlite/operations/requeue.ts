import type { Discovery } from '@app/crawl';
import type { Connection } from '../connection.js';
import { fingerprintOf } from '../fingerprint.js';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { heldCrawl, saveCounts, type Held, type HeldCrawl } from './held-crawl.js';
import { noteReady } from './ready-hosts.js';

/** What is still to be queued again, of the pages after one. Kept with the crawl: a crash in between is made good. */
interface Order {
  after: number;
  rules: readonly string[];
  failed: boolean;
}

/** Queues the seeds again, and orders the rest, which may be millions of pages, to be done in steps. */
export function orderRequeue(
  { db }: Work,
  held: Held,
  { seeds, rules, failed }: { seeds: readonly Discovery[]; rules: readonly string[]; failed: boolean },
): void {
  const crawl = heldCrawl(db, held);
  const pages = seeds.flatMap(({ url }) => {
    const row = db.get(
      `SELECT page.seq, host, state FROM seen JOIN page USING (crawl, seq)
       WHERE crawl = ? AND fingerprint = ? AND state >= ${PAGE.done}`,
      crawl.id,
      fingerprintOf(url),
    );
    return row === undefined ? [] : [row as unknown as SettledPage];
  });
  queueAgain(db, crawl, pages);
  const left = orderOf(crawl);
  const order: Order = {
    after: 0,
    rules: [...new Set([...left.rules, ...rules])],
    failed: left.failed || failed,
  };
  if (order.rules.length > 0 || order.failed) saveOrder(db, crawl.id, order);
}

/** One step of it; false when there is nothing left to do. */
export function requeue({ db }: Work, held: Held): boolean {
  const crawl = heldCrawl(db, held);
  if (crawl.requeue === '') return false;
  const order = orderOf(crawl);
  // Rules are all over the crawl; of the failed pages there is an index.
  const where =
    order.rules.length > 0
      ? `page WHERE crawl = ?1 AND seq > ?2`
      : `page INDEXED BY page_failed WHERE crawl = ?1 AND seq > ?2 AND state = ${PAGE.failed}`;
  const scanned = db.all(
    `SELECT seq, host, state, rule FROM ${where} ORDER BY seq LIMIT ${AT_ONCE}`,
    crawl.id,
    order.after,
  ) as unknown as (SettledPage & { rule: string })[];
  const isWanted = ({ state, rule }: { state: number; rule: string }) =>
    state >= PAGE.done &&
    ((order.failed && state === PAGE.failed) || order.rules.includes('*') || order.rules.includes(rule));
  queueAgain(db, crawl, scanned.filter(isWanted));
  const isLast = scanned.length < AT_ONCE;
  if (isLast) db.run(`UPDATE crawl SET requeue = '' WHERE id = ?`, crawl.id);
  else saveOrder(db, crawl.id, { ...order, after: Number(scanned.at(-1)?.seq) });
  return !isLast;
}

interface SettledPage {
  seq: number;
  host: number;
  state: number;
}

function queueAgain(db: Connection, crawl: HeldCrawl, pages: readonly SettledPage[]): void {
  for (const { seq, state } of pages) {
    db.run(
      `UPDATE page SET state = ${PAGE.queued}, attempt = 0, due_at = 0 WHERE crawl = ? AND seq = ?`,
      crawl.id,
      seq,
    );
    if (state === PAGE.done) crawl.doneCount--;
    else if (state === PAGE.failed) crawl.failedCount--;
    else crawl.redirectedCount--;
  }
  saveCounts(db, crawl);
  noteReady(db, new Set(pages.map(({ host }) => host)));
}

function orderOf({ requeue }: HeldCrawl): Order {
  return requeue === '' ? { after: 0, rules: [], failed: false } : (JSON.parse(requeue) as Order);
}

function saveOrder(db: Connection, crawlId: number, order: Order): void {
  db.run('UPDATE crawl SET requeue = ? WHERE id = ?', JSON.stringify(order), crawlId);
}

const AT_ONCE = 2_000;

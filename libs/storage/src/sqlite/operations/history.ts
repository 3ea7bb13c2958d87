import type { CrawlHistory } from '@app/crawl';
import type { Tally } from '../../tally.js';
import type { Work } from '../work.js';
import { unfinishedOf, type HeldCrawl } from './held-crawl.js';

/** Adds to a crawl's history, after its counts have changed. */
export function note({ db, now, retention }: Work, crawl: HeldCrawl, tally: Tally): void {
  for (const [status, count] of tally.statuses) {
    db.run(
      `INSERT INTO answer (crawl, status, count) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      crawl.id,
      status,
      count,
    );
  }
  if (tally.lastError !== undefined) {
    db.run('UPDATE crawl SET last_error = ? WHERE id = ?', tally.lastError, crawl.id);
  }
  if (tally.settledCount === 0) return;
  const { stepMs, stepCount } = retention.history;
  const at = Math.floor(now / stepMs) * stepMs;
  const counts = [tally.doneCount, tally.failedCount, tally.itemCount, tally.bytes, unfinishedOf(crawl)];
  const isKnown = db.run(
    `UPDATE history_step SET done_count = done_count + ?, failed_count = failed_count + ?,
       item_count = item_count + ?, bytes = bytes + ?, queued_count = ? WHERE crawl = ? AND at = ?`,
    ...counts,
    crawl.id,
    at,
  );
  if (isKnown > 0) return;
  db.run('INSERT INTO history_step VALUES (?, ?, ?, ?, ?, ?, ?)', crawl.id, at, ...counts);
  db.run(
    `DELETE FROM history_step WHERE crawl = ?1 AND at <=
       (SELECT at FROM history_step WHERE crawl = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
    crawl.id,
    stepCount,
  );
}

export function readHistory({ db }: Work, resource: string): CrawlHistory {
  const crawlId = db.get('SELECT id FROM crawl WHERE resource = ?', resource)?.id;
  if (crawlId === undefined) return { steps: [], statuses: [] };
  const steps = db.all('SELECT * FROM history_step WHERE crawl = ? ORDER BY at', Number(crawlId));
  const statuses = db.all(
    'SELECT status, count FROM answer WHERE crawl = ? ORDER BY status',
    Number(crawlId),
  );
  return {
    steps: steps.map((row) => ({
      at: Number(row.at),
      doneCount: Number(row.done_count),
      failedCount: Number(row.failed_count),
      itemCount: Number(row.item_count),
      bytes: Number(row.bytes),
      queuedCount: Number(row.queued_count),
    })),
    statuses: statuses.map((row) => ({ status: Number(row.status), count: Number(row.count) })),
  };
}

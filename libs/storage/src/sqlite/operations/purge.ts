import type { Work } from '../work.js';
import { logOf, trimLog } from './log-row.js';

/**
 * Removes some of what crawls left behind whose place later ones took, and hosts that nobody has been to for
 * long, and lines of logs that are too old. False when there is nothing to remove. What a process does not finish, the next one does.
 */
export function purge(work: Work): boolean {
  const { db, now, retention } = work;
  const replaced = db.get('SELECT id FROM crawl WHERE resource IS NULL LIMIT 1');
  if (replaced !== undefined) {
    const crawlId = Number(replaced.id);
    if (REMOVALS.every((sql) => db.run(sql, crawlId) < AT_ONCE)) {
      db.run('DELETE FROM crawl WHERE id = ?', crawlId);
    }
    return true;
  }
  const longAgo = now - KEPT_MS;
  const robots = db.run(
    `DELETE FROM robots WHERE rowid IN (SELECT rowid FROM robots WHERE fetched_at + fresh_ms < ? LIMIT ${AT_ONCE})`,
    longAgo,
  );
  const gates = db.run(
    `DELETE FROM gate WHERE host IN
       (SELECT host FROM gate WHERE leased_until < ?1 AND next_at < ?1 AND failures = 0 LIMIT ${AT_ONCE})`,
    longAgo,
  );
  const logs = db.all(
    `SELECT id, last, trimmed, bytes FROM task_log WHERE oldest_at < ? LIMIT ${LOGS_AT_ONCE}`,
    now - retention.log.ageMs,
  );
  for (const row of logs) trimLog(work, logOf(row));
  return robots === AT_ONCE || gates === AT_ONCE || logs.length === LOGS_AT_ONCE;
}

const AT_ONCE = 1_000;
const LOGS_AT_ONCE = 20;
const KEPT_MS = 7 * 24 * 3_600_000;

const REMOVALS = [
  `DELETE FROM item WHERE number IN (SELECT number FROM item WHERE crawl = ? LIMIT ${AT_ONCE})`,
  ...['outcome', 'page'].map(
    (table) =>
      `DELETE FROM ${table} WHERE crawl = ?1 AND seq IN (SELECT seq FROM ${table} WHERE crawl = ?1 LIMIT ${AT_ONCE})`,
  ),
  `DELETE FROM seen WHERE crawl = ?1 AND fingerprint IN
     (SELECT fingerprint FROM seen WHERE crawl = ?1 LIMIT ${AT_ONCE})`,
  `DELETE FROM host WHERE id IN (SELECT id FROM host WHERE crawl = ? LIMIT ${AT_ONCE})`,
  ...['memory', 'history_step', 'answer'].map((table) => `DELETE FROM ${table} WHERE crawl = ?`),
];

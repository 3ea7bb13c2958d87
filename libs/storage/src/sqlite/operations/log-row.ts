import type { Connection, Row } from '../connection.js';
import type { Work } from '../work.js';

/** A log as a whole. Its lines have the numbers from after `trimmed` to `last`. */
export interface Log {
  id: number;
  last: number;
  trimmed: number;
  /** Of the lines that are kept. */
  bytes: number;
}

export function openLog(db: Connection, resource: string): Log {
  const known = db.get('SELECT id, last, trimmed, bytes FROM task_log WHERE resource = ?', resource);
  if (known !== undefined) return logOf(known);
  return {
    id: db.insert('INSERT INTO task_log (resource) VALUES (?)', resource),
    last: 0,
    trimmed: 0,
    bytes: 0,
  };
}

export function logOf(row: Row): Log {
  return {
    id: Number(row.id),
    last: Number(row.last),
    trimmed: Number(row.trimmed),
    bytes: Number(row.bytes),
  };
}

/** Takes away the oldest lines as far as the limits want it, and saves the log. */
export function trimLog({ db, now, retention }: Work, log: Log): void {
  const { lines, bytes, ageMs } = retention.log;
  const before = log.trimmed;
  let oldestAt: number | null = null;
  for (let isMore = true; isMore && log.trimmed < log.last;) {
    const oldest = db.all(
      `SELECT number, at, bytes FROM log_line WHERE log = ? AND number > ? ORDER BY number LIMIT ${LOOKED_AT}`,
      log.id,
      log.trimmed,
    );
    for (const row of oldest) {
      const at = Number(row.at);
      const count = log.last - log.trimmed;
      const isTooMuch = count > lines || (count > 1 && log.bytes > bytes);
      if (!isTooMuch && at >= now - ageMs) {
        oldestAt = at;
        isMore = false;
        break;
      }
      log.trimmed = Number(row.number);
      log.bytes -= Number(row.bytes);
    }
  }
  if (log.trimmed > before) {
    db.run('DELETE FROM log_line WHERE log = ? AND number <= ?', log.id, log.trimmed);
  }
  db.run(
    'UPDATE task_log SET last = ?, trimmed = ?, bytes = ?, oldest_at = ? WHERE id = ?',
    log.last,
    log.trimmed,
    log.bytes,
    oldestAt,
    log.id,
  );
}

const LOOKED_AT = 20;

import type { StoredLogLine } from '@app/crawl';
import type { Work } from '../work.js';

export function readLines({ db }: Work, resource: string, after: number, limit: number): StoredLogLine[] {
  const rows = db.all(
    `SELECT number, at, level, message, fields, node_id, CAST(epoch AS TEXT) AS epoch, trace_id FROM log_line
     WHERE log = (SELECT id FROM task_log WHERE resource = ?) AND number > ? ORDER BY number LIMIT ?`,
    resource,
    after,
    limit,
  );
  return rows.map((row) => ({
    number: Number(row.number),
    at: Number(row.at),
    level: row.level as StoredLogLine['level'],
    message: String(row.message),
    fields: String(row.fields),
    nodeId: String(row.node_id),
    epoch: BigInt(String(row.epoch)),
    traceId: String(row.trace_id),
  }));
}

export function lastLine({ db }: Work, resource: string): number {
  return Number(db.get('SELECT last FROM task_log WHERE resource = ?', resource)?.last ?? 0);
}

import type { LogLine } from '@app/crawl';
import type { Work } from '../work.js';
import { openLog, trimLog } from './log-row.js';

/** Adds to the log of a resource, and takes the oldest lines away as far as its limits want it. */
export function appendLines(work: Work, resource: string, lines: readonly LogLine[]): void {
  if (lines.length === 0) return;
  const { db } = work;
  const log = openLog(db, resource);
  for (const { id, at, level, message, fields, nodeId, epoch, traceId } of lines) {
    const bytes = Buffer.byteLength(message) + Buffer.byteLength(fields);
    const isNew = db.run(
      `INSERT INTO log_line (log, number, id, at, level, message, fields, bytes, node_id, epoch, trace_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      log.id,
      log.last + 1,
      id,
      Math.trunc(at),
      level,
      message,
      fields,
      bytes,
      nodeId,
      epoch,
      traceId,
    );
    if (isNew === 0) continue;
    log.last++;
    log.bytes += bytes;
  }
  trimLog(work, log);
}

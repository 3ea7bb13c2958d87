import type { StoredLogLine } from '@app/crawl';
import type { Database, Statement } from '../database.js';

const READ: Statement = {
  name: 'log_read',
  text: `
  SELECT line.id - id_of(task_log.id, 0) AS number, at, level, message, fields, node_id, epoch::text AS epoch, trace_id
  FROM task_log CROSS JOIN LATERAL (
    SELECT * FROM log_line WHERE id > id_of(task_log.id, $2) AND id < id_of(task_log.id + 1, 0) ORDER BY id LIMIT $3
  ) AS line
  WHERE resource = $1 ORDER BY line.id`,
};
const LAST: Statement = { name: 'log_last', text: 'SELECT last FROM task_log WHERE resource = $1' };

export async function readLines(
  database: Database,
  resource: string,
  after: number,
  limit: number,
): Promise<StoredLogLine[]> {
  const rows = await database.query(READ, resource, after, limit);
  return rows.map((row) => ({
    number: row.number as number,
    at: row.at as number,
    level: row.level as StoredLogLine['level'],
    message: row.message as string,
    fields: row.fields as string,
    nodeId: row.node_id as string,
    epoch: BigInt(row.epoch as string),
    traceId: row.trace_id as string,
  }));
}

export async function lastLine(database: Database, resource: string): Promise<number> {
  const [row] = await database.query(LAST, resource);
  return (row?.last as number | undefined) ?? 0;
}

import type { LogLimits, LogLine } from '@app/crawl';
import { numberArray, textArray } from '../arrays.js';
import type { Call, Database, Statement } from '../database.js';
import { trimming } from './trim-log.js';

/** Makes the log where there is none, and lets no other transaction write to it until this one is over. */
const OPEN: Statement = { name: 'log_open', text: 'SELECT open_log($1)' };

const APPEND: Statement = {
  name: 'log_append',
  text: `
  WITH log AS MATERIALIZED (SELECT id, last FROM task_log WHERE resource = $1),
  fresh AS MATERIALIZED (
    SELECT given.*, octet_length(message) + octet_length(fields) AS bytes, row_number() OVER (ORDER BY place) AS n
    FROM log, unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[])
      WITH ORDINALITY AS given (name, at, level, message, fields, node_id, epoch, trace_id, place)
    WHERE (SELECT true FROM log_line WHERE log_line.log = log.id AND log_line.name = given.name) IS NULL
  ), written AS (
    INSERT INTO log_line (id, log, name, at, level, message, fields, bytes, node_id, epoch, trace_id)
    SELECT id_of(log.id, last + n), log.id, name, at, level, message, fields, bytes, node_id, epoch, trace_id
    FROM log, fresh
  )
  UPDATE task_log SET last = last + added.count, bytes = task_log.bytes + added.bytes
  FROM (SELECT count(*), coalesce(sum(bytes), 0) AS bytes FROM fresh) AS added WHERE resource = $1`,
};

/** Belongs at the end of a transaction: whatever that locks besides, it locks before. */
export function appending(resource: string, lines: readonly LogLine[], limits: LogLimits): Call[] {
  if (lines.length === 0) return [];
  const known = new Set<string>();
  const once = lines.filter(({ id }) => !known.has(id) && known.add(id));
  return [
    [OPEN, resource],
    [
      APPEND,
      resource,
      textArray(once.map(({ id }) => id)),
      numberArray(once.map(({ at }) => Math.trunc(at))),
      textArray(once.map(({ level }) => level)),
      textArray(once.map(({ message }) => message)),
      textArray(once.map(({ fields }) => fields)),
      textArray(once.map(({ nodeId }) => nodeId)),
      textArray(once.map(({ epoch }) => String(epoch))),
      textArray(once.map(({ traceId }) => traceId)),
    ],
    trimming(resource, limits),
  ];
}

export async function appendLines(
  database: Database,
  resource: string,
  lines: readonly LogLine[],
  limits: LogLimits,
): Promise<void> {
  const calls = appending(resource, lines, limits);
  if (calls.length > 0) await database.transaction(calls);
}

import type { OutboxEntry } from '@app/crawl';
import type { Database, Row, Statement } from '../database.js';

/** Of several workers that lease at once, each gets others. */
const LEASE: Statement = {
  name: 'outbox_lease',
  text: `
  WITH due AS MATERIALIZED (
    SELECT id FROM outbox WHERE due_at <= (SELECT now_ms()) ORDER BY due_at, number LIMIT $1 FOR UPDATE SKIP LOCKED
  ), leased AS (
    UPDATE outbox SET due_at = now_ms() + $2 FROM due WHERE outbox.id = due.id RETURNING outbox.*
  ) SELECT id, resource, url, body, attempt, created_at FROM leased ORDER BY number`,
};

export async function leaseMessages(
  database: Database,
  limit: number,
  leaseMs: number,
): Promise<OutboxEntry[]> {
  const rows = await database.query(LEASE, limit, Math.floor(leaseMs));
  return rows.map(entryOf);
}

function entryOf(row: Row): OutboxEntry {
  return {
    id: row.id as string,
    resource: row.resource as string,
    url: row.url as string,
    body: row.body as string,
    attempt: row.attempt as number,
    createdAt: row.created_at as number,
  };
}

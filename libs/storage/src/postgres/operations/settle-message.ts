import type { Database, Statement } from '../database.js';

const DELIVERED: Statement = { name: 'outbox_delivered', text: 'DELETE FROM outbox WHERE id = $1' };
const POSTPONED: Statement = {
  name: 'outbox_postponed',
  text: 'UPDATE outbox SET attempt = attempt + 1, due_at = now_ms() + $2 WHERE id = $1',
};

export async function settleMessage(
  database: Database,
  id: string,
  retryInMs: number | undefined,
): Promise<void> {
  if (retryInMs === undefined) await database.query(DELIVERED, id);
  else await database.query(POSTPONED, id, Math.ceil(retryInMs));
}

import type { OutboxEntry } from '@app/crawl';
import type { Work } from '../work.js';

export function leaseMessages({ db, now }: Work, limit: number, leaseMs: number): OutboxEntry[] {
  const rows = db.all(
    `SELECT number, id, resource, url, body, attempt, created_at FROM outbox WHERE due_at <= ?
     ORDER BY due_at, number LIMIT ?`,
    now,
    limit,
  );
  return rows.map((row) => {
    db.run('UPDATE outbox SET due_at = ? WHERE number = ?', Math.ceil(now + leaseMs), Number(row.number));
    return {
      id: String(row.id),
      resource: String(row.resource),
      url: String(row.url),
      body: String(row.body),
      attempt: Number(row.attempt),
      createdAt: Number(row.created_at),
    };
  });
}

export function settleMessage({ db, now }: Work, id: string, retryInMs: number | undefined): void {
  if (retryInMs === undefined) db.run('DELETE FROM outbox WHERE id = ?', id);
  else {
    const dueAt = Math.ceil(now + retryInMs);
    db.run('UPDATE outbox SET attempt = attempt + 1, due_at = ? WHERE id = ?', dueAt, id);
  }
}

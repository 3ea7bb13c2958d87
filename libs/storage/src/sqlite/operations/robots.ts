import type { StoredRobots } from '@app/crawl';
import type { Work } from '../work.js';

export function readRobots({ db, now }: Work, origin: string): StoredRobots | undefined {
  const row = db.get(
    'SELECT text, fetched_at, fresh_ms FROM robots WHERE origin = ? AND fetched_at + fresh_ms > ?',
    origin,
    now,
  );
  return row === undefined
    ? undefined
    : { text: String(row.text), fetchedAt: Number(row.fetched_at), freshMs: Number(row.fresh_ms) };
}

export function saveRobots({ db }: Work, origin: string, { text, fetchedAt, freshMs }: StoredRobots): void {
  db.run(
    'INSERT OR REPLACE INTO robots (origin, text, fetched_at, fresh_ms) VALUES (?, ?, ?, ?)',
    origin,
    text,
    Math.trunc(fetchedAt),
    Math.trunc(freshMs),
  );
}

import type { StoredRobots } from '@app/crawl';
import { storable } from '../arrays.js';
import type { Database, Statement } from '../database.js';

const READ: Statement = {
  name: 'robots_read',
  text: 'SELECT text, fetched_at, fresh_ms FROM robots WHERE origin = $1 AND fetched_at + fresh_ms > now_ms()',
};
const SAVE: Statement = {
  name: 'robots_save',
  text: `INSERT INTO robots (origin, text, fetched_at, fresh_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (origin) DO UPDATE SET
      text = excluded.text, fetched_at = excluded.fetched_at, fresh_ms = excluded.fresh_ms`,
};

export async function readRobots(database: Database, origin: string): Promise<StoredRobots | undefined> {
  const [row] = await database.query(READ, origin);
  if (row === undefined) return undefined;
  return {
    text: row.text as string,
    fetchedAt: row.fetched_at as number,
    freshMs: row.fresh_ms as number,
  };
}

export async function saveRobots(
  database: Database,
  origin: string,
  { text, fetchedAt, freshMs }: StoredRobots,
): Promise<void> {
  await database.query(SAVE, origin, storable(text), Math.round(fetchedAt), Math.floor(freshMs));
}

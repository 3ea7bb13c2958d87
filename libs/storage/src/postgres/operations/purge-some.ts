import type { Database, Row, Statement } from '../database.js';

const AT_ONCE = 5_000;

/** Of several processes that purge, each has another crawl, and no other waits for it. */
const REPLACED: Statement = {
  name: 'purge_replaced',
  text: 'SELECT id FROM crawl WHERE resource IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED',
};
const REMOVALS: readonly Statement[] = ['queue', 'seen', 'crawl_host', 'page', 'item'].map((table) => ({
  name: `purge_${table}`,
  text: `
  WITH gone AS (
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE crawl = $1 LIMIT ${AT_ONCE}))
    RETURNING 1
  ) SELECT count(*) FROM gone`,
}));
const FORGET: Statement = { name: 'purge_crawl', text: 'DELETE FROM crawl WHERE id = $1' };

/** Removes some of a crawl whose place a later one took. Gives false when there is nothing left to remove. */
export function purgeSome(database: Database): Promise<boolean> {
  return database.dialogue(async (query) => {
    const [crawl] = await query(REPLACED);
    if (crawl === undefined) return false;
    for (const removal of REMOVALS) {
      const [row] = await query(removal, crawl.id as number);
      if (((row as Row).count as number) > 0) return true;
    }
    await query(FORGET, crawl.id as number);
    return true;
  });
}

import type { Database, Row, Statement } from '../database.js';
import { fingerprintOf } from './fingerprint.js';

const AT_ONCE = 5_000;

/** Of several processes that purge, each has another crawl, and none waits for another. */
const REPLACED: Statement = {
  name: 'purge_replaced',
  text: 'SELECT id FROM crawl WHERE resource IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED',
};

const OF_CRAWL = `id > id_of($1, 0) AND id < id_of($1 + 1, 0) ORDER BY id LIMIT ${AT_ONCE}`;

/** What the crawl has seen is known by its pages, and goes with them. */
const PAGES = ['queue', 'page'].map((table) => ({
  name: `purge_${table}`,
  text: `
  WITH gone AS (
    DELETE FROM ${table} WHERE id = ANY(ARRAY(SELECT id FROM ${table} WHERE ${OF_CRAWL})) RETURNING url
  ), forgotten AS (
    DELETE FROM seen WHERE fingerprint = ANY(ARRAY(SELECT ${fingerprintOf('url')} FROM gone))
  )
  SELECT count(*) FROM gone`,
}));
const ITEMS: Statement = {
  name: 'purge_item',
  text: `
  WITH gone AS (DELETE FROM item WHERE id = ANY(ARRAY(SELECT id FROM item WHERE ${OF_CRAWL})) RETURNING id)
  SELECT count(*) FROM gone`,
};
const OTHERS = ['crawl_host', 'history_step', 'answer'].map((table) => ({
  name: `purge_${table}`,
  text: `
  WITH gone AS (
    DELETE FROM ${table}
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE crawl = $1 LIMIT ${AT_ONCE})) RETURNING crawl
  )
  SELECT count(*) FROM gone`,
}));
const CRAWL: Statement = { name: 'purge_crawl', text: 'DELETE FROM crawl WHERE id = $1' };

/** Removes some of a crawl whose place a later one took. Gives false when there is nothing left to remove. */
export function purgeSome(database: Database): Promise<boolean> {
  return database.dialogue(async (query) => {
    const [crawl] = await query(REPLACED);
    if (crawl === undefined) return false;
    for (const removal of [...PAGES, ITEMS, ...OTHERS]) {
      const [row] = await query(removal, crawl.id as number);
      if (((row as Row).count as number) > 0) return true;
    }
    await query(CRAWL, crawl.id as number);
    return true;
  });
}

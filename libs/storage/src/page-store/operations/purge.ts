import { setImmediate } from 'node:timers/promises';
import type { Database } from '../database.js';

const PAGES_AT_ONCE = 2_000;

/**
 * Removes crawls whose place a later one took, in steps that neither block this thread nor keep others from
 * the file for long. If the process dies in between, the next purge goes on.
 */
export async function purge(database: Database): Promise<void> {
  for (;;) {
    const replaced = await database.read(() =>
      database.get('SELECT id FROM crawl WHERE resource IS NULL LIMIT 1'),
    );
    if (replaced === undefined) return;
    const crawlId = Number(replaced.id);
    await database.transaction(() => {
      const removed = database.run(
        `DELETE FROM page WHERE crawl = ?1 AND seq IN
           (SELECT seq FROM page WHERE crawl = ?1 ORDER BY seq LIMIT ?2)`,
        crawlId,
        PAGES_AT_ONCE,
      );
      if (removed < PAGES_AT_ONCE) database.run('DELETE FROM crawl WHERE id = ?', crawlId);
    });
    await setImmediate();
  }
}

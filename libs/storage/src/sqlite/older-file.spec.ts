import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOST, page } from '../contract/example-crawl.contract.js';
import { olderStoreContract } from '../contract/older-store.contract.js';
import { Connection } from './connection.js';
import { fingerprintOf } from './fingerprint.js';
import { migrate, PAGE } from './schema.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
});
afterEach(() => rm(directory, { recursive: true }));

olderStoreContract('an SQLite file', () => {
  const path = join(directory, 'store.db');
  makeSecondForm(path);
  return SqliteCrawlStore.open(path);
});

/** As the version before wrote it. */
function makeSecondForm(path: string): void {
  const db = new Connection(path);
  db.configure();
  migrate(db, path, 2);
  db.exec(`
    INSERT INTO crawl (id, resource, resource_id, spec_hash, generation, epoch, claim, run, retry, max_pages, since_at,
      page_count, done_count, failed_count, item_count)
    VALUES (1, 'old', '1', 'hash', 0, 1, 1, 1, 0, 100, 5, 4, 1, 1, 2);
    UPDATE claim_number SET number = 1;
    INSERT INTO memory (crawl, text) VALUES (1, 'cookies');
    INSERT INTO host (id, crawl, name, priority, depth, seq) VALUES (1, 1, '${HOST}', 0, 0, 3);
    INSERT INTO outcome (crawl, seq, status, title, bytes, error, fetched_at, first_item, item_count)
    VALUES (1, 1, 200, 'A', 7, '', 5, 1, 2), (1, 2, 404, '', 0, 'HTTP 404', 5, 0, 0);
    INSERT INTO item (crawl, page, position, fetched_at, epoch, run, data)
    VALUES (1, 1, 0, 5, 1, 1, '{"n":1}'), (1, 1, 1, 5, 1, 1, '{"n":2}');
    INSERT INTO outbox (id, resource, url, body, created_at, due_at)
    VALUES ('message', 'earlier', 'http://hook', '{}', 5, 5);
  `);
  [PAGE.done, PAGE.failed, PAGE.queued, PAGE.queued].forEach((state, index) => {
    const seq = index + 1;
    const { url } = page('abcd'.charAt(index));
    db.run('INSERT INTO seen (crawl, fingerprint, seq) VALUES (1, ?, ?)', fingerprintOf(url), seq);
    db.run(
      `INSERT INTO page (crawl, seq, state, attempt, host, priority, depth, redirects, rule, url, carried)
       VALUES (1, ?, ?, ?, 1, 0, 0, 0, 'page', ?, '')`,
      seq,
      state,
      state === PAGE.queued ? 0 : 1,
      url,
    );
  });
  db.close();
}

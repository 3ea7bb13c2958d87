import {
  describeWithPostgres,
  queryPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { HOST, page } from '../contract/example-crawl.contract.js';
import { olderStoreContract } from '../contract/older-store.contract.js';
import { MIGRATIONS } from './migrations.js';
import { fingerprintOf } from './operations/fingerprint.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

describeWithPostgres('of former versions', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  olderStoreContract('a PostgreSQL schema', async () => {
    const url = await postgres.createDatabase();
    await queryPostgres(url, firstForm());
    return PostgresCrawlStore.open(url);
  });
});

/** As the version before wrote it. */
function firstForm(): string {
  const urls = ['a', 'b', 'c', 'd'].map((path) => page(path).url);
  const columns = `host, urgency, depth, redirects, rule, url, carried`;
  const rest = (index: number) => `'${HOST}', 0, 0, 0, 'page', '${urls[index]}', ''`;
  return `
    CREATE SCHEMA orbweaver;
    SET search_path = orbweaver;
    CREATE TABLE schema_version (version integer PRIMARY KEY);
    ${MIGRATIONS[0]}
    INSERT INTO schema_version VALUES (1);
    INSERT INTO crawl (resource, resource_id, epoch, claim, spec_hash, generation, run, retry, max_pages, since_at, memory,
      last_seq, last_item, queued_count, done_count, failed_count, item_count)
    VALUES ('old', '1', 1, nextval('claim_number'), 'hash', 0, 1, 0, 100, 5, 'cookies', 4, 2, 2, 1, 1, 2);
    INSERT INTO crawl_host VALUES (1, '${HOST}', 0, 0, id_of(1, 3), NULL);
    INSERT INTO page (id, state, attempts, etag, last_modified, status, title, bytes, error, fetched_at, first_item,
      item_count, ${columns})
    VALUES (id_of(1, 1), 'done', 1, '', '', 200, 'A', 7, '', 5, id_of(1, 1), 2, ${rest(0)}),
      (id_of(1, 2), 'failed', 1, '', '', 404, '', 0, 'HTTP 404', 5, 0, 0, ${rest(1)});
    INSERT INTO queue (id, crawl, ${columns}) VALUES (id_of(1, 3), 1, ${rest(2)}), (id_of(1, 4), 1, ${rest(3)});
    INSERT INTO item (id, page, position, fetched_at, epoch, run, data)
    VALUES (id_of(1, 1), id_of(1, 1), 0, 5, 1, 1, '{"n":1}'), (id_of(1, 2), id_of(1, 1), 1, 5, 1, 1, '{"n":2}');
    INSERT INTO outbox (resource, url, body, created_at, due_at) VALUES ('earlier', 'http://hook', '{}', 5, 5);
    ${urls
      .map((url, index) => {
        const fingerprint = fingerprintOf(`'${url}'`).replace('$1', '1');
        return `INSERT INTO seen (fingerprint, page) VALUES (${fingerprint}, id_of(1, ${index + 1}));`;
      })
      .join('\n')}`;
}

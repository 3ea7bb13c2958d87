import { setTimeout as delay } from 'node:timers/promises';
import {
  describeWithPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { crashContract } from '../contract/crash.contract.js';
import { crawlStoreContract } from '../contract/crawl-store.contract.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

describeWithPostgres('the PostgreSQL store', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  crawlStoreContract('it', async () => {
    const url = await postgres.createDatabase();
    const [store, other] = await Promise.all([PostgresCrawlStore.open(url), PostgresCrawlStore.open(url)]);
    return {
      store,
      other,
      elapse: (ms) => delay(ms),
      close: async () => {
        await Promise.all([store.close(), other.close()]);
      },
    };
  });

  crashContract('it', async () => {
    const url = await postgres.createDatabase();
    const store = await PostgresCrawlStore.open(url);
    return { url: { kind: 'postgres', url }, store, close: () => store.close() };
  });
});

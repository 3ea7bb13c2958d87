import { LOG_LIMITS, type LogLimits } from '@app/crawl';
import pg from 'pg';
import {
  describeWithPostgres,
  queryPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { crashContract } from '../contract/crash.contract.js';
import { crawlStoreContract } from '../contract/crawl-store.contract.js';
import { historyContract } from '../contract/history.contract.js';
import { logLimitsContract } from '../contract/log-limits.contract.js';
import { modelContract } from '../contract/model.contract.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

describeWithPostgres('the PostgreSQL store', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  crawlStoreContract('it', async () => {
    const { url, store, setClock, close } = await withClock(LOG_LIMITS);
    const other = await PostgresCrawlStore.open(url);
    let clock = Date.now();
    await setClock(clock);
    return {
      store,
      other,
      elapse: (ms) => setClock((clock += ms)),
      close: async () => {
        await Promise.all([close(), other.close()]);
      },
    };
  });

  it('counts by the clock of its server', async () => {
    const url = await postgres.createDatabase();
    await (await PostgresCrawlStore.open(url)).close();
    const offMs = 'orbweaver.now_ms() - extract(epoch FROM clock_timestamp()) * 1000';
    expect(await queryPostgres(url, `SELECT abs(${offMs}) < 1000 AS "isSame"`)).toEqual([{ isSame: true }]);
  });

  crashContract('it', async () => {
    const url = await postgres.createDatabase();
    const store = await PostgresCrawlStore.open(url);
    return { url: { kind: 'postgres', url }, store, close: () => store.close() };
  });

  modelContract('it', withClock, 100);
  historyContract('it', () => withClock(LOG_LIMITS));
  logLimitsContract('it', async (limits) => {
    const url = await postgres.createDatabase();
    let store = await PostgresCrawlStore.open(url, { logLimits: limits });
    return {
      store,
      reopen: async (logLimits) => {
        await store.close();
        return (store = await PostgresCrawlStore.open(url, { logLimits }));
      },
      close: () => store.close(),
    };
  });

  async function withClock(logLimits: LogLimits) {
    const url = await postgres.createDatabase();
    await (await PostgresCrawlStore.open(url)).close();
    const clock = new pg.Client({ connectionString: url });
    await clock.connect();
    // All its times are what this function says.
    await clock.query(
      `CREATE TABLE clock AS SELECT 0::bigint AS at;
       CREATE OR REPLACE FUNCTION orbweaver.now_ms() RETURNS bigint LANGUAGE sql VOLATILE
         AS 'SELECT at FROM public.clock'`,
    );
    const store = await PostgresCrawlStore.open(url, { logLimits });
    return {
      url,
      store,
      setClock: async (at: number) => {
        await clock.query('UPDATE clock SET at = $1', [at]);
      },
      close: async () => {
        await store.close();
        await clock.end();
      },
    };
  }
});

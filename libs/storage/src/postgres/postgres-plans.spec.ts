import {
  describeWithPostgres,
  queryPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { until } from '../../../../test/support/until.js';
import { HOST, page, request, result, take } from '../contract/example-crawl.contract.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

const PAGES = 20_000;
const BATCH = 100;

describeWithPostgres('the statements of the PostgreSQL store', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres({ settings: { autovacuum: 'off' } });
  });
  afterAll(() => postgres.stop());

  it('reach their rows by their keys, though the planner takes the store for empty', async () => {
    const url = await postgres.createDatabase();
    const first = request({
      seeds: Array.from({ length: PAGES }, (_, index) =>
        page(String(index), index % 4 === 0 ? { host: `host-${index}.test` } : {}),
      ),
      maxPages: 10 * PAGES,
    });
    await use(url, async ({ frontier }) => {
      await frontier.claim(request({}));
      await queryPostgres(url, 'VACUUM ANALYZE');
      await frontier.claim(first);
    });
    const before = await entriesRead(url);
    let rounds = 0;
    await use(url, async (store) => {
      const claim = await store.frontier.claim(first);
      for (; rounds < 5; rounds++) {
        expect((await store.frontier.hosts(claim, [HOST], 10)).hosts).toHaveLength(10);
        const taken = await take(store, claim, { limit: BATCH });
        const results = taken.map((each, index) =>
          result(each, {
            ...(index % 10 === 0 ? { state: 'retry', retryInMs: 60_000 } : {}),
            discovered: [page(`${each.seq}-new`), page(`${each.seq}`)],
            items: ['{}'],
          }),
        );
        await store.frontier.ack(claim, { results });
      }
    });
    const read = await until(async () => (await entriesRead(url)) - before, { what: 'it is counted' });
    expect(read / rounds).toBeLessThan(20 * BATCH);
  });

  it('do not pass again and again over what settled pages leave behind', async () => {
    const url = await postgres.createDatabase();
    const seeds = Array.from({ length: PAGES }, (_, index) => page(String(index)));
    const first = request({ seeds, maxPages: PAGES });
    await use(url, async (store) => {
      const claim = await store.frontier.claim(first);
      for (let settled = 0; settled < PAGES / 2; settled += 1_000) {
        const taken = await take(store, claim, { limit: 1_000 });
        await store.frontier.ack(claim, { results: taken.map((each) => result(each)) });
      }
    });
    const before = await entriesRead(url);
    await use(url, async (store) => {
      const claim = await store.frontier.claim(first);
      for (let round = 0; round < 10; round++) expect(await take(store, claim, { limit: 1 })).toHaveLength(1);
    });
    const read = await until(async () => (await entriesRead(url)) - before, { what: 'it is counted' });
    expect(read).toBeLessThan(1_000);
  });

  async function use(url: string, work: (store: PostgresCrawlStore) => Promise<void>): Promise<void> {
    const store = await PostgresCrawlStore.open(url);
    try {
      await work(store);
    } finally {
      await store.close();
    }
  }

  /** By sessions that are over. */
  async function entriesRead(url: string): Promise<number> {
    await until(
      async () => {
        const sessions = await queryPostgres(
          url,
          `SELECT FROM pg_stat_activity WHERE application_name = 'orbweaver'`,
        );
        return sessions.length === 0;
      },
      { what: 'the sessions are over' },
    );
    const [row] = await queryPostgres(
      url,
      `SELECT sum(idx_tup_read)::integer AS read FROM pg_stat_user_indexes WHERE schemaname = 'orbweaver'`,
    );
    return Number(row?.['read']);
  }
});

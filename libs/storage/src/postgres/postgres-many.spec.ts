import { HISTORY_STEP_MS, HISTORY_STEPS, type Claim } from '@app/crawl';
import {
  describeWithPostgres,
  queryPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { until } from '../../../../test/support/until.js';
import { freshName, page, request, result, settleNext, take } from '../contract/example-crawl.contract.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

describeWithPostgres('many workers with one PostgreSQL store', () => {
  let postgres: PostgresServer;
  let url: string;
  let stores: PostgresCrawlStore[];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    url = await postgres.createDatabase();
    stores = [];
  });
  afterEach(() => Promise.all(stores.map((store) => store.close())));

  async function open(count: number): Promise<PostgresCrawlStore[]> {
    stores = await Promise.all(
      Array.from({ length: count }, () => PostgresCrawlStore.open(`${url}?pool_max_conns=3`)),
    );
    return stores;
  }

  it('open a new database at the same time', async () => {
    await open(8);
    expect(await queryPostgres(url, 'SELECT version FROM orbweaver.schema_version')).toEqual([
      { version: 1 },
      { version: 2 },
    ]);
  });

  it('have schemas of their own when they ask for them', async () => {
    const [one] = await open(1);
    const other = await PostgresCrawlStore.open(`${url}?search_path=other`);
    stores.push(other);
    const { resource } = await one!.frontier.claim(request({}));
    expect(await other.results.progress(resource)).toBeUndefined();
  });

  it('race for a new crawl: it begins once, and belongs to the last', async () => {
    await open(8);
    const first = request({ seeds: [page('a'), page('b')] });
    const claims = await Promise.all(stores.map((store) => store.frontier.claim(first)));
    expect(new Set(claims.map(({ crawlId }) => crawlId)).size).toBe(1);
    expect(new Set(claims.map(({ number }) => number)).size).toBe(8);
    const last = Math.max(...claims.map(({ number }) => number));
    const outcomes = await Promise.allSettled(
      claims.map((claim, index) => stores[index]!.frontier.ack(claim, { results: [] })),
    );
    outcomes.forEach((outcome, index) => {
      const isLast = claims[index]!.number === last;
      expect(outcome).toMatchObject(
        isLast ? { status: 'fulfilled' } : { status: 'rejected', reason: { code: 'SUPERSEDED' } },
      );
    });
    const [{ count }] = (await queryPostgres(url, 'SELECT count(*)::integer FROM orbweaver.queue')) as [
      { count: number },
    ];
    expect(count).toBe(2);
  });

  it('of two owners that write at once lets exactly the last one, and every page is settled once', async () => {
    const [one, other] = (await open(2)) as [PostgresCrawlStore, PostgresCrawlStore];
    const seeds = Array.from({ length: 200 }, (_, index) => page(String(index)));
    const first = request({ seeds, maxPages: 1_000 });
    let epoch = first.epoch;
    const work = async (store: PostgresCrawlStore): Promise<void> => {
      for (let isOver = false; !isOver;) {
        try {
          isOver = await settleAll(store, await store.frontier.claim({ ...first, epoch: ++epoch }));
        } catch (error) {
          expect(error).toMatchObject({ code: 'SUPERSEDED' });
        }
      }
    };
    const settleAll = async (store: PostgresCrawlStore, claim: Claim): Promise<boolean> => {
      for (;;) {
        const taken = await take(store, claim, { limit: 10 });
        if (taken.length === 0) return true;
        await store.frontier.ack(claim, {
          results: taken.map((each) => result(each, { items: [`${each.seq}`] })),
        });
      }
    };
    await Promise.all([work(one), work(other)]);
    expect(await one.results.progress(first.resource)).toMatchObject({ doneCount: 200, itemCount: 200 });
    const items = await one.results.items(first.resource, 0, 1_000);
    expect(new Set(items.map(({ data }) => data)).size).toBe(200);
  });

  it('do not lock each other out, whatever order they ask in', async () => {
    await open(6);
    const hosts = Array.from({ length: 30 }, (_, index) => `host-${index}.test`);
    await Promise.all(
      stores.map(async (store, holder) => {
        for (let round = 0; round < 25; round++) {
          const wanted = hosts.toSorted(() => Math.random() - 0.5).map((host) => ({ host, delayMs: 0 }));
          const answers = await store.gates.acquire(`worker-${holder}`, wanted, 60_000);
          const held = answers.flatMap((answer) =>
            answer.granted ? [{ ...answer, delayMs: 0, waitMs: 0 }] : [],
          );
          expect(await store.gates.renew(`worker-${holder}`, held, 60_000)).toMatchObject({ lost: [] });
          await store.gates.release(`worker-${holder}`, held);
        }
      }),
    );
  });

  it('get each message of the outbox once', async () => {
    await open(5);
    const [store] = stores as [PostgresCrawlStore];
    const messages = Array.from({ length: 100 }, (_, index) => ({
      url: 'http://hook.test',
      body: `${index}`,
    }));
    const claim = await store.frontier.claim(request({}));
    await store.frontier.finish(claim, { state: 'done', reason: '', messages });
    const leased = await Promise.all(stores.map((each) => each.outbox.lease(30, 60_000)));
    const bodies = leased.flat().map(({ body }) => body);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies).toHaveLength(100);
  });

  it('forget steps of the history that nobody is given any more', async () => {
    const [store] = (await open(1)) as [PostgresCrawlStore];
    const held = await store.frontier.claim(
      request({ seeds: Array.from({ length: 200 }, (_, index) => page(String(index))), maxPages: 200 }),
    );
    await queryPostgres(
      url,
      `INSERT INTO orbweaver.history_step
         SELECT ${held.crawlId}, n * ${HISTORY_STEP_MS}, 1, 0, 0, 0, 0 FROM generate_series(1, 3000) AS n`,
    );
    const taken = await take(store, held, { limit: 200 });
    await store.frontier.ack(held, { results: taken.map((each) => result(each)) });
    const { steps } = await store.results.history(held.resource);
    expect(steps).toHaveLength(HISTORY_STEPS);
    expect(steps.at(-1)).toMatchObject({ doneCount: 200 });
    expect(await queryPostgres(url, 'SELECT FROM orbweaver.history_step')).toHaveLength(HISTORY_STEPS + 1);
  });

  it('are rid of a crawl that another replaced', async () => {
    const [store] = (await open(1)) as [PostgresCrawlStore];
    const first = request({});
    const held = await store.frontier.claim(first);
    await settleNext(store, held, { discovered: [page('b')], items: ['{}'] });
    const kept = await store.frontier.claim(request({ resource: freshName() }));
    await store.frontier.claim({ ...first, generation: 1 });
    await until(
      async () =>
        (await queryPostgres(url, 'SELECT FROM orbweaver.crawl WHERE resource IS NULL')).length === 0,
      { what: 'the crawl of before is gone' },
    );
    const count = async (table: string) =>
      (await queryPostgres(url, `SELECT FROM orbweaver.${table}`)).length;
    const gone = ['page', 'item', 'answer', 'history_step'];
    expect(await Promise.all(gone.map(count))).toEqual([0, 0, 0, 0]);
    expect(await Promise.all(['queue', 'seen', 'crawl_host'].map(count))).toEqual([2, 2, 2]);
    expect(await take(store, kept)).toHaveLength(1);
  });
});

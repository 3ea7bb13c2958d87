import { Crawler, type CrawlStore } from '@app/crawl';
import { HttpFetcher } from '@app/fetch';
import { openCrawlStore, parseStoreUrl } from '@app/storage';
import { parseTaskSpec } from '@app/tasks';
import { describeWithPostgres, startPostgres, type PostgresServer } from '../support/postgres.js';
import { until } from '../support/until.js';
import { LogSite } from './log-site.js';

const PAGES = 1_000;
const LONG_MS = 120_000;

describeWithPostgres('a database that goes away and comes back', () => {
  let postgres: PostgresServer;
  let site: LogSite;
  let store: CrawlStore;
  let crawler: Crawler;
  const fetcher = new HttpFetcher({ allowPrivate: true });
  beforeAll(async () => {
    postgres = await startPostgres();
    site = await LogSite.start(PAGES, 10);
  }, LONG_MS);
  afterAll(async () => {
    await crawler.close();
    await fetcher.close();
    await store.close();
    await site.stop();
    await postgres.stop();
  });

  it(
    'makes a crawl wait, says so, and costs it no page and no item',
    async () => {
      store = await openCrawlStore(parseStoreUrl(await postgres.createDatabase(), '/nowhere'));
      const warnings: string[] = [];
      const log = { warn: (_: object, message: string) => void warnings.push(message) };
      crawler = new Crawler({ store, fetchers: { http: fetcher }, holder: 'me', log });
      const spec = parseTaskSpec({ seeds: [site.url(0)], delay: 0, maxDepth: 100, maxPages: PAGES });
      const { signal } = new AbortController();
      const running = crawler.run(
        { name: 'books', id: '1', epoch: 1n, generation: 0, run: 1, retry: 0, spec },
        { signal, holds: () => true },
      );
      await until(() => site.pages.length > 200, { what: 'it is under way', timeoutMs: 60_000 });
      await postgres.kill();
      await until(() => warnings.length > 0, { what: 'it says that the store is away', timeoutMs: 60_000 });
      await postgres.restart();
      expect(await running).toBe('done');
      expect(await store.results.progress('books')).toMatchObject({ doneCount: PAGES, itemCount: PAGES });
      const told = (await store.logs.read('books', 0, 100)).map(({ message }) => message);
      expect(told).toContainEqual(expect.stringMatching(/^the store took nothing for .*; nothing was lost$/));
      expect(new Set(told).size).toBe(told.length);
      expect(new Set(site.pages).size).toBe(PAGES);
      expect(site.pages).toHaveLength(PAGES);
    },
    LONG_MS,
  );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCrawlStore, parseStoreUrl } from '@app/storage';
import { describeWithPostgres, startPostgres, type PostgresServer } from '../support/postgres.js';
import type { RunningProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { startCrawl } from './crawl-process.js';
import { LogSite } from './log-site.js';

const PAGES = 1_500;
const LONG_MS = 120_000;

describe('on SQLite', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-resume-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  goesOn(async () => `sqlite:${join(directory, 'crawls.db')}`);
});

describeWithPostgres('on PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, LONG_MS);
  afterAll(() => postgres.stop());
  goesOn(() => postgres.createDatabase());
});

function goesOn(storeUrl: () => Promise<string>): void {
  const processes: RunningProcess[] = [];
  let site: LogSite;
  beforeEach(async () => {
    site = await LogSite.start(PAGES, 15);
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await site.stop();
  });

  it(
    'a crawl whose process was killed goes on in another: nothing lost, nothing doubled, nothing done twice',
    async () => {
      const url = await storeUrl();
      const spec = {
        seeds: [site.url(0)],
        delay: 0,
        maxDepth: 100,
        maxPages: PAGES,
        rules: { page: { follow: { select: 'a', to: 'page' }, fields: { title: 'h1' } } },
      };
      const start = async (holder: string, epoch: number): Promise<RunningProcess> => {
        const process = await startCrawl({ store: url, holder, epoch, tasks: [{ name: 'books', spec }] });
        processes.push(process);
        return process;
      };
      const first = await start('first', 1);
      // Long before it has discovered all of them.
      await until(() => site.pages.length > PAGES / 6, { what: 'a sixth is fetched', timeoutMs: 60_000 });
      await first.kill();
      await site.quiet();
      const asked = site.pages;
      const store = await openCrawlStore(parseStoreUrl(url, '/nowhere'));
      const durable = await store.results.pages('books', { after: 0, limit: PAGES });

      const second = await start('second', 2);
      await second.waitForLine(/books done/);
      const done = new Set(durable.map((page) => new URL(page.url).pathname));
      const again = site.pages.slice(asked.length).filter((page) => done.has(`/${page}`));
      expect(again).toEqual([]);
      expect(site.pages.length - PAGES).toBeLessThanOrEqual(asked.length - durable.length);
      expect(await store.results.progress('books')).toMatchObject({
        state: 'done',
        discoveredCount: PAGES,
        doneCount: PAGES,
        itemCount: PAGES,
      });
      const items = await store.results.items('books', 0, 2 * PAGES);
      const titles = items.map(({ data }) => (JSON.parse(data) as { title: string }).title);
      expect(new Set(titles).size).toBe(PAGES);
      expect(items).toHaveLength(PAGES);
      const log = await store.logs.read('books', 0, 100);
      expect(log.map(({ message }) => message)).toEqual([
        'run 1 begins: 1 page queued',
        expect.stringMatching(/^run 1 goes on where first left it: [\d,]+ pages queued$/),
        'the crawl has 1,500 pages, as many as it may: what else it finds is left out',
        expect.stringMatching(/^run 1 is done: 1,500 pages, 0 failed, 1,500 items, in /),
      ]);
      await store.close();
    },
    LONG_MS,
  );
}

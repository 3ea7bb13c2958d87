// One task on our engine, as a worker runs it. Prints what it did as JSON.
import { Crawler } from '../../../dist/libs/crawl/src/index.js';
import { HttpFetcher } from '../../../dist/libs/fetch/src/index.js';
import { openCrawlStore, parseStoreUrl } from '../../../dist/libs/storage/src/index.js';
import { parseTaskSpec } from '../../../dist/libs/tasks/src/index.js';

const [, , seed, storeUrl] = process.argv;
const store = await openCrawlStore(parseStoreUrl(storeUrl, '.'));
const fetcher = new HttpFetcher({ allowPrivate: true });
const crawler = new Crawler({ store, fetchers: { http: fetcher }, holder: `bench-${process.pid}` });
const spec = parseTaskSpec({
  seeds: [seed],
  delay: 0,
  maxDepth: 1_000,
  maxPages: 1_000_000,
  rules: {
    page: {
      follow: { select: 'a', to: 'page' },
      fields: { title: 'h1', author: '.author', price: { css: '.price', type: 'number' } },
    },
  },
});
const { signal } = new AbortController();
const task = { name: 'bench', id: '1', epoch: 1n, generation: 0, run: 1, retry: 0, spec };

const from = performance.now();
await crawler.run(task, { signal, holds: () => true });
const ms = performance.now() - from;
const { doneCount: pages, itemCount: items } = await crawler.progress('bench');
console.log(JSON.stringify({ pages, ms, items, rssKb: process.resourceUsage().maxRSS }));
await crawler.close();
await fetcher.close();
await store.close();

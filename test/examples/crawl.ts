import { Crawler, MemoryCrawlStore } from '@app/crawl';
import { HttpFetcher } from '@app/fetch';
import type { JsonValue, Parser, TaskSpec } from '@app/tasks';

/** The items of a crawl by the real engine, as fast as the site answers; fails with the first page that failed. */
export async function crawl(
  spec: TaskSpec,
  parsers: Readonly<Record<string, Parser>>,
): Promise<Record<string, JsonValue>[]> {
  const store = new MemoryCrawlStore();
  const fetcher = new HttpFetcher({ allowPrivate: true });
  const crawler = new Crawler({ store, fetchers: { http: fetcher }, holder: 'examples' });
  const name = 'example';
  const hurried = { ...spec, delayMs: 0 };
  try {
    const { signal } = new AbortController();
    await crawler.run(
      { name, id: '1', epoch: 1n, spec: hurried, parsers, generation: 0, run: 1, retry: 0 },
      { signal, holds: () => true },
    );
    const [failed] = await store.results.pages(name, { after: 0, limit: 1, failed: true });
    if (failed !== undefined) throw new Error(`${failed.url}: ${failed.error}`);
    const items = await store.results.items(name, 0, 10_000);
    return items.map(({ data }) => JSON.parse(data) as Record<string, JsonValue>);
  } finally {
    await crawler.close();
    await fetcher.close();
    await store.close();
  }
}

import type { CrawlStore } from '@app/crawl';
import { logLine, page, request, settleNext, take } from './example-crawl.contract.js';

/** The crawl that stands in the stores of former versions, as the tests make them. */
const OLD_CRAWL = request({ resource: 'old', seeds: ['a', 'b', 'c', 'd'].map((path) => page(path)) });

/**
 * What becomes of the store of a former version: everything is there, and goes on. `make` opens one in which page a
 * was done with two items, b failed, and c and d are queued.
 */
export function olderStoreContract(name: string, make: () => Promise<CrawlStore>): void {
  it(`${name} without logs, history and traces opens with all that is in it, and goes on`, async () => {
    const store = await make();
    try {
      const { resource } = OLD_CRAWL;
      expect(await store.results.progress(resource)).toMatchObject({
        state: 'open',
        specHash: 'hash',
        epoch: 1n,
        discoveredCount: 4,
        doneCount: 1,
        failedCount: 1,
        queuedCount: 2,
        itemCount: 2,
        sinceAt: 5,
        lastError: '',
      });
      expect(await store.results.pages(resource, { after: 0, limit: 10 })).toMatchObject([
        { url: page('a').url, state: 'done', title: 'A', bytes: 7, attempts: 1 },
        { url: page('b').url, state: 'failed', error: 'HTTP 404' },
      ]);
      const items = await store.results.items(resource, 0, 10);
      expect(items).toMatchObject([
        { url: page('a').url, position: 0, data: '{"n":1}', traceId: '' },
        { url: page('a').url, position: 1, data: '{"n":2}', traceId: '' },
      ]);
      expect(await store.results.history(resource)).toEqual({ steps: [], statuses: [] });
      expect(await store.logs.last(resource)).toBe(0);
      expect(await store.outbox.lease(10, 0)).toMatchObject([{ resource: 'earlier', body: '{}' }]);

      const claim = await store.frontier.claim({ ...OLD_CRAWL, epoch: 2n });
      expect(claim).toMatchObject({ memory: 'cookies', itemCount: 2, room: 96 });
      expect(await take(store, claim)).toMatchObject([page('c'), page('d')]);
      await settleNext(store, claim, { items: ['{"n":3}'], traceId: 'aa11', discovered: [page('a')] });
      await settleNext(store, claim, { state: 'failed', status: 500, error: 'HTTP 500' });
      await store.frontier.ack(claim, { results: [], lines: [logLine('after')] });
      expect(await store.results.items(resource, items[1]?.number ?? 0, 10)).toMatchObject([
        { data: '{"n":3}', traceId: 'aa11' },
      ]);
      expect(await store.results.history(resource)).toMatchObject({
        steps: [{ doneCount: 1, failedCount: 1, itemCount: 1, queuedCount: 0 }],
        statuses: [
          { status: 200, count: 1 },
          { status: 500, count: 1 },
        ],
      });
      expect(await store.results.progress(resource)).toMatchObject({ doneCount: 2, lastError: 'HTTP 500' });
      expect(await store.logs.read(resource, 0, 10)).toMatchObject([{ number: 1, message: 'after' }]);
    } finally {
      await store.close();
    }
  });
}

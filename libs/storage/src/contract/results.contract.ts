import type { CrawlStore } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { freshName, page, pathsOf, request, result, settleNext, take } from './example-crawl.contract.js';

export function resultsContract(subject: Subject): void {
  describe('results', () => {
    let store: CrawlStore;
    beforeAll(() => {
      store = subject().store;
    });

    it('know nothing of crawls that nobody claimed', async () => {
      const nobody = freshName('nobody');
      expect(await store.results.progress(nobody)).toBeUndefined();
      expect(await store.results.pages(nobody, { after: 0, limit: 10 })).toEqual([]);
      expect(await store.results.items(nobody, 0, 10)).toEqual([]);
    });

    it('count a crawl and say of what it is', async () => {
      const first = request({
        seeds: ['a', 'b', 'c', 'd', 'e'].map((path) => page(path)),
        epoch: 7n,
        run: 2,
        retry: 3,
        generation: 4,
      });
      const held = await store.frontier.claim(first);
      await settleNext(store, held, { items: ['{}', '{}'] });
      await settleNext(store, held, { state: 'failed', error: 'HTTP 404' });
      await settleNext(store, held, { state: 'redirected', discovered: [page('f')] });
      await settleNext(store, held, { state: 'retry', retryInMs: 60_000 });
      const progress = await store.results.progress(first.resource);
      expect(progress).toEqual({
        state: 'open',
        reason: '',
        resourceId: '1',
        specHash: 'hash',
        generation: 4,
        run: 2,
        retry: 3,
        epoch: 7n,
        discoveredCount: 5,
        doneCount: 1,
        queuedCount: 3,
        failedCount: 1,
        itemCount: 2,
        sinceAt: expect.any(Number),
        lastError: 'HTTP 404',
      });
      expect(Math.abs(Date.now() - (progress?.sinceAt ?? 0))).toBeLessThan(3_600_000);
    });

    it('page through what is settled, and through what failed', async () => {
      const held = await store.frontier.claim(request({ seeds: ['a', 'b', 'c', 'd'].map((p) => page(p)) }));
      const { resource } = held;
      const [a, , c, d] = await take(store, held);
      const failed = { state: 'failed', error: 'HTTP 500' } as const;
      await store.frontier.ack(held, { results: [result(d, failed), result(a, failed), result(c)] });
      const list = async (after: number, limit: number, only?: boolean) =>
        pathsOf(await store.results.pages(resource, { after, limit, failed: only }));
      expect(await list(0, 2)).toEqual(['a', 'c']);
      expect(await list(3, 2)).toEqual(['d']);
      expect(await list(4, 2)).toEqual([]);
      expect(await list(0, 10, true)).toEqual(['a', 'd']);
      expect(await list(1, 10, true)).toEqual(['d']);
      expect(await list(0, 10, false)).toEqual(['a', 'c', 'd']);
    });

    it('page through items with where each is from', async () => {
      const first = request({ epoch: 9n, specHash: 'abc', run: 3 });
      const { resource } = first;
      const held = await store.frontier.claim(first);
      await settleNext(store, held, {
        fetchedAt: 11,
        traceId: 'aa11',
        items: ['{"n":"ä"}', '{"n":2}'],
        discovered: [page('b', { rule: 'detail' })],
      });
      await settleNext(store, held, { fetchedAt: 12, items: ['{"n":3}'] });
      const items = await store.results.items(resource, 0, 10);
      const from = { resource, epoch: 9n, run: 3, specHash: 'abc', number: expect.any(Number) };
      const a = { ...from, rule: 'page', url: page('a').url, fetchedAt: 11, traceId: 'aa11' };
      expect(items).toEqual([
        { ...a, position: 0, data: '{"n":"ä"}' },
        { ...a, position: 1, data: '{"n":2}' },
        {
          ...from,
          rule: 'detail',
          url: page('b').url,
          fetchedAt: 12,
          position: 0,
          data: '{"n":3}',
          traceId: '',
        },
      ]);
      const [one, two, three] = items.map(({ number }) => number) as [number, number, number];
      expect(one).toBeGreaterThan(0);
      expect(one).toBeLessThan(two);
      expect(two).toBeLessThan(three);
      expect(await store.results.items(resource, one, 1)).toEqual([items[1]]);
      expect(await store.results.items(resource, three, 10)).toEqual([]);
    });

    it('number the items of a crawl that started over after those before', async () => {
      const first = request({});
      const old = await store.frontier.claim(first);
      await settleNext(store, old, { items: ['{"n":1}'] });
      const [before] = await store.results.items(first.resource, 0, 10);
      const anew = await store.frontier.claim({ ...first, generation: 1 });
      await settleNext(store, anew, { items: ['{"n":2}'] });
      expect(await store.results.items(first.resource, before?.number ?? 0, 10)).toMatchObject([
        { data: '{"n":2}' },
      ]);
    });

    it('say when and why a run ended', async () => {
      const first = request({});
      const held = await store.frontier.claim(first);
      await store.frontier.finish(held, { state: 'failed', reason: 'the time was over', messages: [] });
      expect(await store.results.progress(first.resource)).toMatchObject({
        state: 'failed',
        reason: 'the time was over',
        queuedCount: 1,
      });
    });
  });
}

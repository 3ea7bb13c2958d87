import type { CrawlStore, Claim, TakenPage } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { HOST, page, pathsOf, request, result, settleNext, take } from './example-crawl.contract.js';

export function frontierClaimContract(subject: Subject): void {
  describe('claim', () => {
    let store: CrawlStore;
    beforeAll(() => {
      store = subject().store;
    });
    const claim = (change: Parameters<typeof request>[0]) => store.frontier.claim(request(change));

    it('begins a crawl with its seeds, each URL once', async () => {
      const begun = await claim({ seeds: [page('a'), page('b'), page('a')], maxPages: 5 });
      expect(begun).toMatchObject({ state: 'open', run: 1, room: 3, itemCount: 0, memory: '' });
      expect(await take(store, begun)).toEqual([
        { ...page('a'), seq: 1, attempt: 0, etag: '', lastModified: '' },
        { ...page('b'), seq: 2, attempt: 0, etag: '', lastModified: '' },
      ]);
    });

    it('begins with no more seeds than there may be pages', async () => {
      const begun = await claim({ seeds: ['a', 'b', 'c'].map((path) => page(path)), maxPages: 2 });
      expect(begun.room).toBe(0);
      expect(pathsOf(await take(store, begun))).toEqual(['a', 'b']);
    });

    it('by the same or a later epoch goes on where the last owner was, with what it had in hand', async () => {
      const first = request({ seeds: [page('a'), page('b')] });
      const old = await store.frontier.claim(first);
      await settleNext(store, old, { discovered: [page('c')], items: ['{}'] });
      await store.frontier.ack(old, { results: [], memory: 'cookies' });
      const again = await store.frontier.claim(first);
      expect(again).toEqual({ ...old, number: again.number, room: 97, itemCount: 1, memory: 'cookies' });
      const later = await store.frontier.claim({ ...first, epoch: 2n });
      expect(old.number).toBeLessThan(again.number);
      expect(again.number).toBeLessThan(later.number);
      expect(pathsOf(await take(store, later))).toEqual(['b', 'c']);
    });

    it('is refused to an earlier epoch, and to one that is a resource added before', async () => {
      const held = request({ epoch: 5n, resourceId: '10' });
      const { resource } = held;
      await store.frontier.claim(held);
      for (const resourceId of ['10', '9', 'x']) {
        await expect(claim({ resource, epoch: 4n, resourceId })).rejects.toMatchObject({
          code: 'SUPERSEDED',
        });
      }
      expect(await store.results.progress(resource)).toMatchObject({ epoch: 5n });
    });

    it('keeps epochs that no number holds exactly', async () => {
      const epoch = 9_007_199_254_740_993n;
      const first = request({ epoch });
      await store.frontier.claim(first);
      expect(await store.results.progress(first.resource)).toMatchObject({ epoch });
      await expect(store.frontier.claim({ ...first, epoch: epoch - 1n })).rejects.toMatchObject({
        code: 'SUPERSEDED',
      });
    });

    it.each([
      ['spec', { specHash: 'other' }],
      ['resource', { resourceId: '2' }],
      ['generation', { generation: 1 }],
    ])('of another %s starts over from nothing', async (_, change) => {
      const first = request({});
      const old = await store.frontier.claim(first);
      await settleNext(store, old, { discovered: [page('b')], items: ['{"old":1}'] });
      const anew = await store.frontier.claim({ ...first, ...change, seeds: [page('z')] });
      expect(anew).toMatchObject({ state: 'open', room: 99, itemCount: 0, memory: '' });
      expect(pathsOf(await take(store, anew))).toEqual(['z']);
      expect(await store.results.pages(first.resource, { after: 0, limit: 10 })).toEqual([]);
      expect(await store.results.items(first.resource, 0, 10)).toEqual([]);
    });

    it('takes over from an epoch of a lost etcd when the resource was added later', async () => {
      const first = request({ epoch: 100n, resourceId: '10' });
      await store.frontier.claim(first);
      expect(await store.frontier.claim({ ...first, epoch: 1n, resourceId: '11' })).toMatchObject({
        state: 'open',
      });
    });

    it('says that the run is over, as long as the same run is asked for', async () => {
      const first = request({});
      const one = await store.frontier.claim(first);
      await settleNext(store, one);
      await store.frontier.finish(one, { state: 'done', reason: '', messages: [] });
      expect(await store.frontier.claim({ ...first, epoch: 2n })).toMatchObject({ state: 'done' });
    });

    it('with a later run queues the seeds and the pages of reloaded rules again', async () => {
      const first = request({ maxPages: 4 });
      const one = await store.frontier.claim(first);
      const discovered = [page('list', { rule: 'list', depth: 1 }), page('detail', { rule: 'detail' })];
      await settleNext(store, one, { discovered, etag: '"1"', lastModified: 'Sun', items: ['{}'] });
      await settleNext(store, one);
      await settleNext(store, one);
      await store.frontier.finish(one, { state: 'done', reason: 'enough', messages: [] });

      const next = { ...first, epoch: 2n, run: 2, reloadRules: ['list'] };
      const two = await store.frontier.claim(next);
      expect(two).toMatchObject({ state: 'open', run: 2, room: 1, itemCount: 1 });
      expect(await take(store, two)).toMatchObject([
        { ...page('a'), attempt: 0, etag: '"1"', lastModified: 'Sun' },
        { ...page('list'), rule: 'list', depth: 1, attempt: 0 },
      ]);
      expect(await store.results.progress(first.resource)).toMatchObject({
        state: 'open',
        reason: '',
        run: 2,
        doneCount: 1,
        queuedCount: 2,
      });

      await store.frontier.finish(two, { state: 'done', reason: '', messages: [] });
      const all = await store.frontier.claim({ ...next, run: 3, reloadRules: ['*'] });
      expect(pathsOf(await take(store, all)).sort()).toEqual(['a', 'detail', 'list']);
    });

    it('with a later run takes back the place that a redirect had left', async () => {
      const first = request({ maxPages: 1 });
      const one = await store.frontier.claim(first);
      await settleNext(store, one, { state: 'redirected', discovered: [page('b', { redirects: 1 })] });
      await settleNext(store, one);
      const two = await store.frontier.claim({ ...first, run: 2 });
      expect(two.room).toBe(0);
      await settleNext(store, two, { state: 'redirected', discovered: [page('c', { redirects: 1 })] });
      expect(await take(store, two)).toEqual([]);
    });

    it('does not go back to an earlier run', async () => {
      const first = request({ run: 3 });
      const { resource } = first;
      await store.frontier.claim(first);
      expect(await store.frontier.claim({ ...first, run: 2 })).toMatchObject({ run: 3 });
      expect(await store.results.progress(resource)).toMatchObject({ run: 3 });
    });

    it('queues the failed pages again when asked for a further retry, once', async () => {
      const first = request({ seeds: [page('a'), page('b')] });
      const one = await store.frontier.claim(first);
      await settleNext(store, one);
      await settleNext(store, one, { state: 'failed', error: 'HTTP 500' });
      await store.frontier.finish(one, { state: 'done', reason: '', messages: [] });

      const retried = await store.frontier.claim({ ...first, retry: 1 });
      expect(retried).toMatchObject({ state: 'open', run: 1 });
      expect(await take(store, retried)).toMatchObject([{ ...page('b'), attempt: 0 }]);
      await settleNext(store, retried, { state: 'failed', error: 'HTTP 500' });
      await store.frontier.claim({ ...first, retry: 1 });
      expect(await store.results.progress(first.resource)).toMatchObject({
        failedCount: 1,
        queuedCount: 0,
        retry: 1,
      });
    });

    it('keeps crawls apart', async () => {
      const one = await claim({});
      const two = await claim({});
      await settleNext(store, one, { items: ['{}'] });
      expect(await take(store, two)).toHaveLength(1);
      expect(await store.results.pages(two.resource, { after: 0, limit: 10 })).toEqual([]);
      expect(await store.results.items(two.resource, 0, 10)).toEqual([]);
    });

    it('is seen by whoever else has the store open', async () => {
      const { other } = subject();
      const first = request({});
      const old = await store.frontier.claim(first);
      const present = await other.frontier.claim({ ...first, epoch: 2n });
      expect(present.number).toBeGreaterThan(old.number);
      await expect(take(store, old)).rejects.toMatchObject({ code: 'SUPERSEDED' });
      expect(await take(other, present)).toHaveLength(1);
    });
  });

  describe('an owner that a newer claim replaced', () => {
    const calls: Record<string, (store: CrawlStore, claim: Claim, taken: TakenPage) => Promise<unknown>> = {
      hosts: ({ frontier }, claim) => frontier.hosts(claim, [], 10),
      take: ({ frontier }, claim) => frontier.take(claim, HOST, 10, []),
      ack: ({ frontier }, claim, taken) =>
        frontier.ack(claim, { results: [result(taken, { discovered: [page('x')] })], memory: 'old' }),
      'ack of nothing': ({ frontier }, claim) => frontier.ack(claim, { results: [] }),
      failHost: ({ frontier }, claim) => frontier.failHost(claim, HOST, 'gone'),
      finish: ({ frontier }, claim) =>
        frontier.finish(claim, { state: 'done', reason: '', messages: [{ url: 'http://x', body: '{}' }] }),
      release: ({ frontier }, claim) => frontier.release(claim),
    };

    it.each(Object.entries(calls))('can do nothing: %s', async (_, call) => {
      const { store } = subject();
      const first = request({ seeds: [page('a'), page('b')] });
      const old = await store.frontier.claim(first);
      const [taken] = await take(store, old, { limit: 1 });
      const present = await store.frontier.claim({ ...first, epoch: 2n });
      const before = await store.results.progress(first.resource);

      await expect(call(store, old, taken as TakenPage)).rejects.toMatchObject({ code: 'SUPERSEDED' });
      expect(await store.results.progress(first.resource)).toEqual(before);
      expect(pathsOf(await take(store, present))).toEqual(['a', 'b']);
      expect(await store.frontier.claim({ ...first, epoch: 2n })).toMatchObject({ memory: '' });
    });

    it('is refused after the crawl started over', async () => {
      const { store } = subject();
      const first = request({});
      const old = await store.frontier.claim(first);
      await store.frontier.claim({ ...first, generation: 1 });
      await expect(take(store, old)).rejects.toMatchObject({ code: 'SUPERSEDED' });
    });
  });
}

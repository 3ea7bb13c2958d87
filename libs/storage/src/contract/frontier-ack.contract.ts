import type { CrawlStore, PageResult } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { page, pathsOf, request, result, settleNext, take } from './example-crawl.contract.js';

export function frontierAckContract(subject: Subject): void {
  describe('ack', () => {
    let store: CrawlStore;
    beforeAll(() => {
      store = subject().store;
    });
    const claim = (change: Parameters<typeof request>[0]) => store.frontier.claim(request(change));
    const pages = (resource: string) => store.results.pages(resource, { after: 0, limit: 100 });
    const data = async (resource: string) =>
      (await store.results.items(resource, 0, 100)).map((item) => item.data);

    it('records what came of pages and queues what they discovered, each URL once in a crawl', async () => {
      const held = await claim({ seeds: [page('a'), page('b')] });
      const [a, b] = await take(store, held);
      const c = page('c', { depth: 1 });
      const answer = await store.frontier.ack(held, {
        results: [
          result(a, {
            title: 'Ä title',
            bytes: 5,
            discovered: [c, page('b', { depth: 1 }), page('a', { depth: 1 }), c],
            items: ['{"n":1}', '{"n":2}'],
          }),
          result(b, { state: 'failed', status: 404, error: 'HTTP 404', discovered: [page('c')] }),
        ],
      });
      expect(answer).toEqual({ room: 97, itemCount: 2 });
      expect(await take(store, held)).toEqual([{ ...c, seq: 3, attempt: 0, etag: '', lastModified: '' }]);
      const settled = { rule: 'page', depth: 0, attempts: 1, fetchedAt: 5 };
      const [aUrl, bUrl] = [page('a').url, page('b').url];
      expect(await pages(held.resource)).toEqual([
        { ...settled, seq: 1, url: aUrl, state: 'done', status: 200, title: 'Ä title', bytes: 5, error: '' },
        {
          ...settled,
          seq: 2,
          url: bUrl,
          state: 'failed',
          status: 404,
          title: '',
          bytes: 0,
          error: 'HTTP 404',
        },
      ]);
    });

    it('does nothing the second time, and nothing for an attempt that is over', async () => {
      const held = await claim({});
      const [a] = await take(store, held);
      const first = result(a, { state: 'retry', discovered: [page('b')] });
      await store.frontier.ack(held, { results: [first] });
      const late = result(a, { title: 'late', discovered: [page('x')], items: ['{}'] });
      expect(await store.frontier.ack(held, { results: [first, late] })).toEqual({ room: 98, itemCount: 0 });

      const [again] = await take(store, held, { limit: 1 });
      expect(again).toMatchObject({ ...page('a'), attempt: 1 });
      const done = result(again, { items: ['{}'] });
      await store.frontier.ack(held, { results: [done] });
      expect(await store.frontier.ack(held, { results: [done, late] })).toEqual({ room: 98, itemCount: 1 });
      expect(await pages(held.resource)).toMatchObject([{ title: '', attempts: 2 }]);
    });

    it('takes the first of two results for one attempt in one batch', async () => {
      const held = await claim({});
      const [a] = await take(store, held);
      await store.frontier.ack(held, {
        results: [result(a, { title: 'first' }), result(a, { title: 'second', discovered: [page('x')] })],
      });
      expect(await pages(held.resource)).toMatchObject([{ title: 'first' }]);
      expect(await take(store, held)).toEqual([]);
    });

    it('passes over pages that the crawl does not have', async () => {
      const held = await claim({});
      const [a] = await take(store, held);
      const unknown = { ...result(a), seq: 99, discovered: [page('x')] };
      expect(await store.frontier.ack(held, { results: [unknown] })).toEqual({ room: 99, itemCount: 0 });
      expect(await take(store, held)).toHaveLength(1);
    });

    it('queues no more than there is room for; a redirect leaves its place to its target', async () => {
      const held = await claim({ maxPages: 2 });
      expect(held.room).toBe(1);
      const [a] = await take(store, held);
      const b = page('b', { redirects: 1 });
      const redirected: PageResult = result(a, { state: 'redirected', status: 301, discovered: [b] });
      expect(await store.frontier.ack(held, { results: [redirected] })).toMatchObject({ room: 1 });
      const [taken] = await take(store, held);
      expect(taken).toMatchObject(b);
      const discovered = ['a', 'c', 'd'].map((path) => page(path));
      expect(await store.frontier.ack(held, { results: [result(taken, { discovered })] })).toMatchObject({
        room: 0,
      });
      expect(pathsOf(await take(store, held))).toEqual(['c']);
      expect(await store.results.progress(held.resource)).toMatchObject({ discoveredCount: 2, doneCount: 1 });
    });

    it('gives room to all results of a batch in which a page is redirected', async () => {
      const held = await claim({ seeds: [page('a'), page('b')], maxPages: 2 });
      const [a, b] = await take(store, held);
      await store.frontier.ack(held, {
        results: [result(a, { discovered: [page('c')] }), result(b, { state: 'redirected' })],
      });
      expect(pathsOf(await take(store, held))).toEqual(['c']);
    });

    it('finds a URL that there was no room for when there is room later', async () => {
      const held = await claim({ seeds: [page('a'), page('b')], maxPages: 2 });
      await settleNext(store, held, { discovered: [page('c')] });
      await settleNext(store, held, { state: 'redirected', discovered: [page('c')] });
      expect(pathsOf(await take(store, held))).toEqual(['c']);
    });

    it('replaces the items of a page that is done again, and keeps those of one that is not', async () => {
      const first = request({});
      let held = await store.frontier.claim(first);
      await settleNext(store, held, { items: ['{"n":1}', '{"n":2}'] });
      held = await store.frontier.claim({ ...first, run: 2 });
      await settleNext(store, held, { state: 'failed', error: 'HTTP 500' });
      expect(await data(first.resource)).toEqual(['{"n":1}', '{"n":2}']);
      held = await store.frontier.claim({ ...first, run: 3 });
      await settleNext(store, held, { items: ['{"n":3}'] });
      expect(await data(first.resource)).toEqual(['{"n":3}']);
      expect(await store.frontier.ack(held, { results: [] })).toMatchObject({ itemCount: 1 });
    });

    it('of an unchanged page leaves what it held', async () => {
      const first = request({});
      const one = await store.frontier.claim(first);
      await settleNext(store, one, { title: 'T', bytes: 7, etag: '"1"', items: ['{"n":1}'] });
      const two = await store.frontier.claim({ ...first, run: 2 });
      await settleNext(store, two, { state: 'unchanged', status: 304, fetchedAt: 9 });
      expect(await pages(first.resource)).toMatchObject([
        { state: 'done', status: 304, title: 'T', bytes: 7, fetchedAt: 9 },
      ]);
      expect(await data(first.resource)).toEqual(['{"n":1}']);
      const three = await store.frontier.claim({ ...first, run: 3 });
      expect(await take(store, three)).toMatchObject([{ etag: '"1"' }]);
    });

    it('keeps what the engine wants to remember', async () => {
      const first = request({});
      const held = await store.frontier.claim(first);
      const memory = 'x'.repeat(256 * 1024);
      await store.frontier.ack(held, { results: [], memory });
      await store.frontier.ack(held, { results: [] });
      expect(await store.frontier.claim(first)).toMatchObject({ memory });
    });

    it('takes thousands of pages, links and items at once', async () => {
      const seeds = Array.from({ length: 300 }, (_, index) => page(`seed-${index}`));
      const held = await claim({ seeds, maxPages: 100_000 });
      const taken = await take(store, held, { limit: 1_000 });
      const results = taken.map((each) =>
        result(each, {
          discovered: Array.from({ length: 10 }, (_, index) => page(`${each.seq}-${index}`)),
          items: [`{"of":${each.seq}}`],
        }),
      );
      expect(await store.frontier.ack(held, { results })).toEqual({ room: 96_700, itemCount: 300 });
      expect(await store.results.progress(held.resource)).toMatchObject({
        doneCount: 300,
        queuedCount: 3_000,
        itemCount: 300,
      });
    });

    it('of two at once does both', async () => {
      const held = await claim({ seeds: [page('a'), page('b')] });
      const [a, b] = await take(store, held);
      const discovered = [page('c')];
      await Promise.all(
        [a, b].map((each) => store.frontier.ack(held, { results: [result(each, { discovered })] })),
      );
      expect(pathsOf(await take(store, held))).toEqual(['c']);
    });
  });

  describe('release', () => {
    it('leaves everything for the next owner', async () => {
      const { store } = subject();
      const first = request({});
      const held = await store.frontier.claim(first);
      await store.frontier.release(held);
      const next = await store.frontier.claim(first);
      expect(await take(store, next)).toHaveLength(1);
    });
  });
}

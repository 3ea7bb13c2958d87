import type { CrawlStore } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { HOST, page, pathsOf, request, result, settleNext, take } from './example-crawl.contract.js';

export function frontierTakeContract(subject: Subject): void {
  let store: CrawlStore;
  beforeAll(() => {
    store = subject().store;
  });
  const claim = (change: Parameters<typeof request>[0]) => store.frontier.claim(request(change));

  describe('take', () => {
    it('gives the pages of one host, by priority, then depth, then discovery', async () => {
      const seeds = [
        page('a', { depth: 1 }),
        page('b'),
        page('c', { priority: 5, depth: 9 }),
        page('elsewhere', { host: 'other.test' }),
        page('d', { priority: -1 }),
        page('e'),
      ];
      const held = await claim({ seeds });
      expect(pathsOf(await take(store, held))).toEqual(['c', 'b', 'e', 'a', 'd']);
      expect(pathsOf(await take(store, held, { limit: 2 }))).toEqual(['c', 'b']);
      expect(pathsOf(await take(store, held, { host: 'other.test' }))).toEqual(['elsewhere']);
      expect(await take(store, held, { host: 'unknown.test' })).toEqual([]);
    });

    it('gives what was queued late before what is less urgent', async () => {
      const held = await claim({ seeds: [page('a'), page('b', { priority: -3 })] });
      await settleNext(store, held, { discovered: [page('c', { depth: 1 }), page('d', { priority: 1 })] });
      expect(pathsOf(await take(store, held))).toEqual(['d', 'c', 'b']);
    });

    it('leaves out what is held, however often it is asked', async () => {
      const held = await claim({ seeds: ['a', 'b', 'c', 'd'].map((path) => page(path)) });
      expect(pathsOf(await take(store, held, { held: [1, 3], limit: 1 }))).toEqual(['b']);
      expect(pathsOf(await take(store, held, { held: [1, 3, 2, 999], limit: 10 }))).toEqual(['d']);
      expect(pathsOf(await take(store, held))).toEqual(['a', 'b', 'c', 'd']);
    });

    it('gives what was carried along, whatever characters it has', async () => {
      const carried = JSON.stringify({ tag: 'Ünï\u2028"\\ 書', list: [1, null] });
      const seed = page('p?q=1&r=%E6%9B%B8', { carried, rule: 'détail', redirects: 3 });
      const held = await claim({ seeds: [seed] });
      expect(await take(store, held)).toMatchObject([seed]);
    });

    it('gives a page that waits when its time has come, with the number of its attempt', async () => {
      const held = await claim({ seeds: [page('a'), page('b')] });
      const [a] = await take(store, held, { limit: 1 });
      await store.frontier.ack(held, {
        results: [result(a, { state: 'retry', retryInMs: 50, error: 'HTTP 503', discovered: [page('c')] })],
      });
      expect(pathsOf(await take(store, held))).toEqual(expect.arrayContaining(['b', 'c']));
      await subject().elapse(50);
      expect(await take(store, held, { limit: 1 })).toMatchObject([{ ...page('a'), attempt: 1 }]);
    });
  });

  describe('hosts', () => {
    const hosts = ['one.test', 'two.test', 'three.test'];
    const seeds = hosts.map((host, index) => page('', { host, priority: index }));

    it('names those with pages to take, the best first, without the excepted, as many as asked for', async () => {
      const held = await claim({ seeds });
      const answer = { nextInMs: undefined, unfinishedCount: 3 };
      expect(await store.frontier.hosts(held, [], 10)).toEqual({ hosts: hosts.toReversed(), ...answer });
      expect(await store.frontier.hosts(held, ['two.test', 'unknown.test'], 1)).toEqual({
        hosts: ['three.test'],
        ...answer,
      });
      expect(await store.frontier.hosts(held, hosts, 10)).toEqual({ hosts: [], ...answer });
    });

    it('leaves out a host whose pages are all settled', async () => {
      const held = await claim({ seeds });
      const [taken] = await take(store, held, { host: 'three.test' });
      await store.frontier.ack(held, { results: [result(taken)] });
      expect(await store.frontier.hosts(held, [], 10)).toEqual({
        hosts: ['two.test', 'one.test'],
        nextInMs: undefined,
        unfinishedCount: 2,
      });
    });

    it('says when the first page that waits may be taken, and then has its host', async () => {
      const held = await claim({ seeds: [page('a'), page('b')] });
      const [a, b] = await take(store, held);
      await store.frontier.ack(held, {
        results: [
          result(a, { state: 'retry', retryInMs: 60_000 }),
          result(b, { state: 'retry', retryInMs: 100 }),
        ],
      });
      const answer = { hosts: [], nextInMs: 100, unfinishedCount: 2 };
      expect(await store.frontier.hosts(held, [], 10)).toEqual(answer);
      await subject().elapse(100);
      const later = { hosts: [HOST], nextInMs: 59_900, unfinishedCount: 2 };
      expect(await store.frontier.hosts(held, [], 10)).toEqual(later);
      expect(pathsOf(await take(store, held))).toEqual(['b']);
    });

    it('has nothing when everything is settled', async () => {
      const held = await claim({});
      await settleNext(store, held, { state: 'failed', error: 'HTTP 404' });
      expect(await store.frontier.hosts(held, [], 10)).toEqual({
        hosts: [],
        nextInMs: undefined,
        unfinishedCount: 0,
      });
    });
  });

  describe('failHost', () => {
    it('fails what is queued or waits of the host, and nothing else', async () => {
      const held = await claim({
        seeds: [page('a'), page('b'), page('c'), page('x', { host: 'other.test' })],
      });
      await settleNext(store, held);
      await settleNext(store, held, { state: 'retry', retryInMs: 60_000 });
      expect(await store.frontier.failHost(held, HOST, 'it does not answer')).toBe(2);
      expect(await store.frontier.failHost(held, HOST, 'again')).toBe(0);
      expect(await store.frontier.failHost(held, 'unknown.test', 'again')).toBe(0);
      expect(await store.frontier.hosts(held, [], 10)).toEqual({
        hosts: ['other.test'],
        nextInMs: undefined,
        unfinishedCount: 1,
      });
      const failed = await store.results.pages(held.resource, { after: 0, limit: 10, failed: true });
      expect(failed).toMatchObject([
        { url: page('b').url, error: 'it does not answer', attempts: 1 },
        { url: page('c').url, error: 'it does not answer', attempts: 0 },
      ]);
      expect(await store.results.progress(held.resource)).toMatchObject({ doneCount: 1, failedCount: 2 });
    });

    it('fails thousands as it fails one', async () => {
      const seeds = Array.from({ length: 3_000 }, (_, index) => page(String(index)));
      const held = await claim({ seeds, maxPages: 10_000 });
      expect(await store.frontier.failHost(held, HOST, 'gone')).toBe(3_000);
      expect(await take(store, held)).toEqual([]);
    });
  });
}

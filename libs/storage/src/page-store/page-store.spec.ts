import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MemoryPageStore,
  type Claim,
  type ClaimRequest,
  type Discovery,
  type PageResult,
  type PageStore,
  type TakenPage,
} from '@app/crawl';
import { SqlitePageStore } from './sqlite-page-store.js';

pageStoreContract('memory', async () => {
  const store = new MemoryPageStore();
  return { open: async () => store, remove: async () => {} };
});

pageStoreContract('SQLite', async (): Promise<StoreUnderTest> => {
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
  const opened: PageStore[] = [];
  return {
    async open() {
      const store = await SqlitePageStore.open(join(directory, 'data', 'store.db'));
      opened.push(store);
      return store;
    },
    async remove() {
      for (const store of opened) store.close();
      await rm(directory, { recursive: true });
    },
  };
});

/** What every adapter of the port promises. `open` gives a handle on the same store each time. */
function pageStoreContract(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a page store`, () => {
    let subject: StoreUnderTest;
    let store: PageStore;
    beforeEach(async () => {
      subject = await makeStore();
      store = await subject.open();
    });
    afterEach(() => subject.remove());

    describe('claim', () => {
      it('begins a crawl that it does not know with its seeds, each once', async () => {
        const claim = await store.claim(request({ seeds: [page('a'), page('b'), page('a')] }));
        expect(claim).toMatchObject({ resource: 'task', done: false, room: 98 });
        expect((await store.take(claim, HOST, 10)).map(urlOf)).toEqual([urlOf(page('a')), urlOf(page('b'))]);
      });

      it('goes on where the crawl stood, with what the owner before had in flight queued again', async () => {
        const first = await store.claim(request({ seeds: [page('a'), page('b'), page('c')] }));
        const [a] = await store.take(first, HOST, 2);
        await store.ack(first, [done(a)]);

        const again = await (await subject.open()).claim(request({ epoch: 2n, seeds: [page('z')] }));
        expect((await store.take(again, HOST, 10)).map(urlOf)).toEqual([urlOf(page('b')), urlOf(page('c'))]);
      });

      it('refuses an epoch lower than the one that holds the crawl', async () => {
        await store.claim(request({ epoch: 9n }));
        await expect(store.claim(request({ epoch: 8n }))).rejects.toMatchObject({ code: 'SUPERSEDED' });
        expect((await store.progress('task'))?.epoch).toBe(9n);
      });

      it('compares epochs beyond 2^53 exactly', async () => {
        await store.claim(request({ epoch: 2n ** 60n + 1n }));
        await expect(store.claim(request({ epoch: 2n ** 60n }))).rejects.toMatchObject({
          code: 'SUPERSEDED',
        });
        expect((await store.progress('task'))?.epoch).toBe(2n ** 60n + 1n);
      });

      it('takes a lower epoch for a resource with a later id, as after the loss of etcd', async () => {
        await store.claim(request({ epoch: 900n, resourceId: '1700' }));
        const claim = await store.claim(request({ epoch: 3n, resourceId: '1701' }));
        expect(await store.take(claim, HOST, 10)).toHaveLength(1);
      });

      it.each([
        ['the spec is another', { specHash: 'other' }],
        ['the resource is another of the same name', { resourceId: '2' }],
      ])('starts over when %s', async (_, change) => {
        const first = await store.claim(request({}));
        await store.ack(first, (await store.take(first, HOST, 1)).map(done));
        expect(await store.finish(first)).toBe(true);

        const second = await store.claim(request({ epoch: 2n, ...change }));
        expect(second.done).toBe(false);
        expect(await store.pages('task', 0, 10)).toEqual([]);
        expect((await store.take(second, HOST, 10)).map(urlOf)).toEqual([urlOf(page('a'))]);
      });

      it('says of a crawl that was finished that it is done', async () => {
        const first = await store.claim(request({}));
        await store.ack(first, (await store.take(first, HOST, 1)).map(done));
        await store.finish(first);
        const since = (await store.progress('task'))?.sinceAt;
        expect(await store.claim(request({ epoch: 2n }))).toMatchObject({ done: true });
        expect(await store.progress('task')).toMatchObject({ state: 'done', sinceAt: since });
      });
    });

    describe('an owner that was superseded', () => {
      const calls: [string, (store: PageStore, claim: Claim, page: TakenPage) => Promise<unknown>][] = [
        ['take', (store, claim) => store.take(claim, HOST, 1)],
        ['ack', (store, claim, page) => store.ack(claim, [done(page)])],
        ['ack of nothing', (store, claim) => store.ack(claim, [])],
        ['release', (store, claim) => store.release(claim)],
        ['finish', (store, claim) => store.finish(claim)],
      ];
      it.each(calls)('is refused to %s, even with the same epoch', async (_, call) => {
        const old = await store.claim(request({}));
        const [taken] = await store.take(old, HOST, 1);
        const present = await (await subject.open()).claim(request({}));
        const [retaken] = await store.take(present, HOST, 1);
        const before = await store.progress('task');

        await expect(call(store, old, taken as TakenPage)).rejects.toMatchObject({ code: 'SUPERSEDED' });
        expect(await store.progress('task')).toEqual(before);
        await store.ack(present, [done(retaken)]);
        expect(await store.progress('task')).toMatchObject({ doneCount: 1, queuedCount: 0 });
      });

      it('is refused after the crawl started over', async () => {
        const old = await store.claim(request({}));
        await store.claim(request({ epoch: 2n, specHash: 'other' }));
        await expect(store.take(old, HOST, 1)).rejects.toMatchObject({ code: 'SUPERSEDED' });
      });
    });

    describe('take', () => {
      it('gives the pages of one host only, longest known first, each to be taken once', async () => {
        const other: Discovery = { ...page('x'), url: 'http://other.test/x', host: 'other.test' };
        const claim = await store.claim(request({ seeds: [page('a'), other, page('b'), page('c')] }));
        expect((await store.take(claim, HOST, 2)).map(urlOf)).toEqual([page('a'), page('b')].map(urlOf));
        expect((await store.take(claim, HOST, 2)).map(urlOf)).toEqual([page('c')].map(urlOf));
        expect(await store.take(claim, HOST, 2)).toEqual([]);
        expect(await store.take(claim, 'other.test', 2)).toEqual([{ ...other, seq: 2 }]);
      });
    });

    describe('ack', () => {
      it('records what came of a page and queues what it discovered, each URL once in a crawl', async () => {
        const claim = await store.claim(request({ seeds: [page('a'), page('b')] }));
        const [a, b] = await store.take(claim, HOST, 2);
        await store.ack(claim, [
          { ...done(a), title: 'Ä title', bytes: 5, discovered: [page('c', 1), page('b', 1), page('a', 1)] },
          { ...done(b), state: 'failed', status: 404, error: 'HTTP 404', discovered: [page('c', 1)] },
        ]);
        expect(await store.take(claim, HOST, 10)).toEqual([{ ...page('c', 1), seq: 3 }]);
        expect(await store.pages('task', 0, 10)).toEqual([
          { ...finished(a), title: 'Ä title', bytes: 5 },
          { ...finished(b), state: 'failed', status: 404, error: 'HTTP 404' },
        ]);
        expect(await store.progress('task')).toMatchObject({ doneCount: 1, failedCount: 1, queuedCount: 1 });
      });

      it('does nothing the second time, with what the page discovered either', async () => {
        const claim = await store.claim(request({}));
        const [a] = await store.take(claim, HOST, 1);
        await store.ack(claim, [done(a)]);
        await store.ack(claim, [{ ...done(a), title: 'again', discovered: [page('b')] }]);
        expect(await store.pages('task', 0, 10)).toEqual([finished(a)]);
        expect(await store.progress('task')).toMatchObject({ doneCount: 1, queuedCount: 0 });
      });

      it('queues no more than there is room for; a redirect leaves its place to its target', async () => {
        const claim = await store.claim(request({ seeds: [page('a')], maxPages: 2 }));
        expect(claim.room).toBe(1);
        const [a] = await store.take(claim, HOST, 1);
        const target = { ...page('b'), redirects: 1 };
        const redirected: PageResult = { ...done(a), state: 'redirected', status: 301, discovered: [target] };
        expect(await store.ack(claim, [redirected])).toEqual({ room: 1 });

        const [b] = await store.take(claim, HOST, 1);
        expect(b).toEqual({ ...target, seq: 2 });
        expect(
          await store.ack(claim, [{ ...done(b), discovered: [page('a', 1), page('c', 1), page('d', 1)] }]),
        ).toEqual({
          room: 0,
        });
        expect((await store.take(claim, HOST, 10)).map(urlOf)).toEqual([urlOf(page('c'))]);
      });
    });

    it('queues again what is released', async () => {
      const claim = await store.claim(request({ seeds: [page('a'), page('b')] }));
      const [a] = await store.take(claim, HOST, 2);
      await store.ack(claim, [done(a)]);
      await store.release(claim);
      expect((await store.take(claim, HOST, 10)).map(urlOf)).toEqual([urlOf(page('b'))]);
    });

    it('does not finish a crawl that has pages queued or taken', async () => {
      const claim = await store.claim(request({}));
      expect(await store.finish(claim)).toBe(false);
      const taken = await store.take(claim, HOST, 1);
      expect(await store.finish(claim)).toBe(false);
      await store.ack(claim, taken.map(done));
      expect(await store.finish(claim)).toBe(true);
      expect(await store.finish(claim)).toBe(true);
    });

    it('pages through what is finished and passes over what is not', async () => {
      const claim = await store.claim(request({ seeds: ['a', 'b', 'c', 'd'].map((path) => page(path)) }));
      const [a, , c, d] = await store.take(claim, HOST, 4);
      await store.ack(claim, [done(d), done(a), done(c)]);
      expect((await store.pages('task', 0, 2)).map(urlOf)).toEqual([a, c].map(urlOf));
      expect((await store.pages('task', 3, 2)).map(urlOf)).toEqual([d].map(urlOf));
      expect(await store.pages('task', 4, 2)).toEqual([]);
    });

    it('knows nothing of crawls that nobody claimed', async () => {
      expect(await store.progress('nobody')).toBeUndefined();
      expect(await store.pages('nobody', 0, 10)).toEqual([]);
    });

    it('keeps crawls apart', async () => {
      const one = await store.claim(request({}));
      const two = await store.claim(request({ resource: 'two' }));
      await store.ack(one, (await store.take(one, HOST, 1)).map(done));
      expect(await store.take(two, HOST, 10)).toHaveLength(1);
      expect(await store.pages('two', 0, 10)).toEqual([]);
    });
  });
}

interface StoreUnderTest {
  open(): Promise<PageStore>;
  remove(): Promise<void>;
}

const HOST = 'site.test';

function page(path: string, depth = 0): Discovery {
  return { url: `http://${HOST}/${path}`, host: HOST, depth, redirects: 0 };
}

function request(change: Partial<ClaimRequest>): ClaimRequest {
  return {
    resource: 'task',
    resourceId: '1',
    epoch: 1n,
    specHash: 'hash',
    seeds: [page('a')],
    maxPages: 100,
    ...change,
  };
}

function done(page: TakenPage | undefined): PageResult {
  const seq = page?.seq ?? Number.NaN;
  return { seq, state: 'done', status: 200, title: '', bytes: 0, error: '', fetchedAt: 5, discovered: [] };
}

function finished(page: TakenPage | undefined) {
  const { discovered: _, ...result } = done(page);
  return { ...result, url: page?.url, depth: page?.depth };
}

function urlOf(page: { url: string } | undefined): string | undefined {
  return page?.url;
}

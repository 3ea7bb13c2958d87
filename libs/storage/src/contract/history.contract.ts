import { HISTORY_STEP_MS, HISTORY_STEPS } from '@app/crawl';
import { HOST, page, request, result, settleNext, take } from './example-crawl.contract.js';
import type { StoreWithClock } from './model.contract.js';

/** What every adapter remembers of how a crawl went. */
export function historyContract(
  name: string,
  make: () => Promise<StoreWithClock & { close(): Promise<void> }>,
): void {
  describe(`${name}, of how a crawl went`, () => {
    let subject: Awaited<ReturnType<typeof make>>;
    const at = 170_000_000 * HISTORY_STEP_MS;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.close());
    beforeEach(() => subject.setClock(at));

    it('knows nothing where there was none', async () => {
      const nothing = { steps: [], statuses: [] };
      expect(await subject.store.results.history('nobody')).toEqual(nothing);
      const { resource } = await subject.store.frontier.claim(request({}));
      expect(await subject.store.results.history(resource)).toEqual(nothing);
    });

    it('counts what was settled in the step of its time, and every answer by its status', async () => {
      const { store } = subject;
      const first = request({ seeds: ['a', 'b', 'c', 'd', 'e', 'f'].map((path) => page(path)) });
      const held = await store.frontier.claim(first);
      const [a, b, c, d] = await take(store, held);
      await subject.setClock(at + 1);
      const batch = {
        results: [
          result(a, { bytes: 10, items: ['{}', '{}'], discovered: [page('g'), page('h')] }),
          result(b, { state: 'failed', status: 404, bytes: 3, error: 'HTTP 404' }),
          result(c, { state: 'redirected', status: 301, items: ['{}'] }),
        ],
      };
      await store.frontier.ack(held, batch);
      // Neither a repeat nor a result for another attempt counts.
      await store.frontier.ack(held, batch);
      await subject.setClock(at + HISTORY_STEP_MS - 1);
      await store.frontier.ack(held, {
        results: [result(d, { state: 'retry', status: 503, bytes: 99, error: 'HTTP 503' })],
      });
      const firstStep = { at, doneCount: 1, failedCount: 1, itemCount: 2, bytes: 13, queuedCount: 5 };
      expect(await store.results.history(first.resource)).toEqual({
        steps: [firstStep],
        statuses: [200, 301, 404, 503].map((status) => ({ status, count: 1 })),
      });

      await subject.setClock(at + 3 * HISTORY_STEP_MS);
      await settleNext(store, held, { state: 'unchanged', status: 304 });
      await settleNext(store, held, { state: 'failed', status: 0, error: 'no answer' });
      const again = await store.frontier.claim({ ...first, run: 2 });
      await settleNext(store, again, { bytes: 7, items: ['{}'] });
      const { steps, statuses } = await store.results.history(first.resource);
      const { queuedCount } = (await store.results.progress(first.resource)) ?? {};
      expect(steps).toEqual([
        firstStep,
        { at: at + 3 * HISTORY_STEP_MS, doneCount: 2, failedCount: 1, itemCount: 1, bytes: 7, queuedCount },
      ]);
      expect(statuses).toEqual([
        { status: 0, count: 1 },
        { status: 200, count: 2 },
        { status: 301, count: 1 },
        { status: 304, count: 1 },
        { status: 404, count: 1 },
        { status: 503, count: 1 },
      ]);
    });

    it('counts the pages of a host that was given up, which nobody answered', async () => {
      const { store } = subject;
      const seeds = [page('a'), page('b'), page('c', { host: 'other.test' })];
      const held = await store.frontier.claim(request({ seeds }));
      await store.frontier.failHost(held, HOST, 'site.test does not answer');
      expect(await store.frontier.failHost(held, HOST, 'once more')).toBe(0);
      expect(await store.results.history(held.resource)).toEqual({
        steps: [{ at, doneCount: 0, failedCount: 2, itemCount: 0, bytes: 0, queuedCount: 1 }],
        statuses: [],
      });
      expect(await store.results.progress(held.resource)).toMatchObject({
        lastError: 'site.test does not answer',
      });
    });

    it('says why the last page that failed did so', async () => {
      const { store } = subject;
      const held = await store.frontier.claim(request({ seeds: ['a', 'b', 'c', 'd'].map((p) => page(p)) }));
      const lastError = async () => (await store.results.progress(held.resource))?.lastError;
      expect(await lastError()).toBe('');
      const [a, b, c] = await take(store, held);
      const failed = { state: 'failed' } as const;
      const results = [result(a, { ...failed, error: 'one' }), result(b, { ...failed, error: 'two' })];
      await store.frontier.ack(held, { results: [...results, result(c)] });
      expect(await lastError()).toBe('two');
      await settleNext(store, held, { state: 'retry', error: 'not yet' });
      expect(await lastError()).toBe('two');
    });

    it('begins anew with a crawl that starts over', async () => {
      const { store } = subject;
      const first = request({});
      await settleNext(store, await store.frontier.claim(first), { state: 'failed', error: 'before' });
      await store.frontier.claim({ ...first, generation: 1 });
      expect(await store.results.history(first.resource)).toEqual({ steps: [], statuses: [] });
      expect(await store.results.progress(first.resource)).toMatchObject({ lastError: '' });
    });

    it('keeps the latest steps only', async () => {
      const { store } = subject;
      const count = HISTORY_STEPS + 3;
      const seeds = Array.from({ length: count }, (_, n) => page(`${n}`));
      const held = await store.frontier.claim(request({ seeds, maxPages: count }));
      const taken = await take(store, held, { limit: count });
      for (const [index, each] of taken.entries()) {
        await subject.setClock(at + index * HISTORY_STEP_MS);
        await store.frontier.ack(held, { results: [result(each)] });
      }
      const { steps, statuses } = await store.results.history(held.resource);
      expect(steps).toHaveLength(HISTORY_STEPS);
      expect(steps[0]).toMatchObject({ at: at + 3 * HISTORY_STEP_MS, queuedCount: HISTORY_STEPS - 1 });
      expect(steps.at(-1)).toMatchObject({ doneCount: 1, queuedCount: 0 });
      expect(statuses).toEqual([{ status: 200, count }]);
    }, 180_000);
  });
}

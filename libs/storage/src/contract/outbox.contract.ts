import type { CrawlStore, OutboxEntry } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { request } from './example-crawl.contract.js';

export function outboxContract(subject: Subject): void {
  describe('outbox', () => {
    let store: CrawlStore;
    beforeAll(() => {
      store = subject().store;
    });
    beforeEach(async () => {
      for (const { id } of await store.outbox.lease(1_000, 0)) await store.outbox.settle(id, undefined);
    });

    const message = (n: number) => ({ url: `http://hook.test/${n}`, body: `{"n":${n}}` });
    async function finish(...numbers: number[]) {
      const held = await store.frontier.claim(request({}));
      const end = { state: 'done' as const, reason: '', messages: numbers.map(message) };
      await store.frontier.finish(held, end);
      return { held, end };
    }

    it('has the messages of a run that ended, once, however often its end was reported', async () => {
      const { held, end } = await finish(1, 2);
      await store.frontier.finish(held, end);
      await store.frontier.finish(held, { ...end, state: 'failed' });
      const entries = await store.outbox.lease(10, 60_000);
      expect(entries).toEqual(
        [1, 2].map((n) => ({
          ...message(n),
          id: expect.any(String),
          resource: held.resource,
          attempt: 0,
          createdAt: expect.any(Number),
        })),
      );
      expect(new Set(entries.map(({ id }) => id)).size).toBe(2);
      expect(await store.results.progress(held.resource)).toMatchObject({ state: 'done' });
    });

    it('gives a message to one process at a time, and to the next when the lease is over', async () => {
      await finish(1);
      const [leased] = await store.outbox.lease(10, 50);
      await subject().elapse(50);
      const [again] = await subject().other.outbox.lease(10, 60_000);
      expect(again).toEqual(leased);
      expect(await store.outbox.lease(10, 60_000)).toEqual([]);
    });

    it('gives no more than asked for', async () => {
      await finish(1, 2, 3);
      expect(await store.outbox.lease(2, 60_000)).toHaveLength(2);
      expect(await store.outbox.lease(2, 60_000)).toHaveLength(1);
    });

    it('gives a message that was not delivered again, later, by the same id', async () => {
      await finish(1);
      const [leased] = (await store.outbox.lease(10, 60_000)) as [OutboxEntry];
      await store.outbox.settle(leased.id, 50);
      await subject().elapse(50);
      expect(await store.outbox.lease(10, 60_000)).toEqual([{ ...leased, attempt: 1 }]);
      await store.outbox.settle(leased.id, 60_000);
      expect(await store.outbox.lease(10, 60_000)).toEqual([]);
    });

    it('forgets a message that was delivered', async () => {
      await finish(1);
      const [leased] = (await store.outbox.lease(10, 0)) as [OutboxEntry];
      await store.outbox.settle(leased.id, undefined);
      await store.outbox.settle(leased.id, undefined);
      await store.outbox.settle(leased.id, 0);
      expect(await store.outbox.lease(10, 60_000)).toEqual([]);
    });
  });
}

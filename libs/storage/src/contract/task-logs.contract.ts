import type { CrawlStore } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { freshName, logLine, page, request, result, take } from './example-crawl.contract.js';

export function taskLogsContract(subject: Subject): void {
  describe('logs', () => {
    let store: CrawlStore;
    let other: CrawlStore;
    beforeAll(() => {
      ({ store, other } = subject());
    });
    const messages = async (resource: string) =>
      (await other.logs.read(resource, 0, 1_000)).map(({ number, message }) => `${number} ${message}`);

    it('are empty for a name that nobody wrote of', async () => {
      const nobody = freshName('nobody');
      expect(await store.logs.last(nobody)).toBe(0);
      expect(await store.logs.read(nobody, 0, 10)).toEqual([]);
      await store.logs.append(nobody, []);
      expect(await store.logs.last(nobody)).toBe(0);
    });

    it('give lines back as they were written, numbered from 1', async () => {
      const resource = freshName();
      const full = logLine('a', {
        at: Date.now() - 12_345,
        level: 'warn',
        message: 'site.test asks to wait, "5 s"; \\n\n{ä,😀}',
        fields: '{"host":"site.test","forMs":5000}',
        nodeId: 'worker-1',
        epoch: 9_007_199_254_740_995n,
        traceId: '0af7651916cd43dd8448eb211c80319c',
      });
      const { id: _, ...kept } = full;
      await store.logs.append(resource, [full]);
      await other.logs.append(resource, [logLine('b', { level: 'debug' }), logLine('c', { level: 'error' })]);
      const lines = await store.logs.read(resource, 0, 10);
      expect(lines).toEqual([
        { ...kept, number: 1 },
        expect.objectContaining({ number: 2, level: 'debug', message: 'b', fields: '', traceId: '' }),
        expect.objectContaining({ number: 3, level: 'error' }),
      ]);
      expect(await store.logs.last(resource)).toBe(3);
      expect(await store.logs.read(resource, 1, 1)).toEqual([lines[1]]);
      expect(await store.logs.read(resource, 3, 10)).toEqual([]);
      expect(await store.logs.read(resource, 99, 10)).toEqual([]);
    });

    it('pass over a line that is there already, also within what is written at once', async () => {
      const resource = freshName();
      await store.logs.append(resource, [logLine('a'), logLine('b'), logLine('a')]);
      await other.logs.append(resource, [logLine('b'), logLine('c')]);
      expect(await messages(resource)).toEqual(['1 a', '2 b', '3 c']);
      const another = freshName();
      await store.logs.append(another, [logLine('a')]);
      expect(await messages(another)).toEqual(['1 a']);
    });

    it('number the lines of all who write at the same time without a gap', async () => {
      const resource = freshName();
      const seen: number[] = [];
      const reading = (async () => {
        while ((seen.at(-1) ?? 0) < 80) {
          const lines = await other.logs.read(resource, seen.at(-1) ?? 0, 7);
          seen.push(...lines.map(({ number }) => number));
        }
      })();
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          (n % 2 === 0 ? store : other).logs.append(resource, [logLine(`${n}-1`), logLine(`${n}-2`)]),
        ),
      );
      await reading;
      const all = await store.logs.read(resource, 0, 100);
      expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
      // Who goes on after the last number it has seen misses nothing that is numbered lower.
      expect(seen).toEqual(seen.map((_, index) => index + 1));
    });

    it('have the lines of an ack with its pages, and once when it is repeated', async () => {
      const held = await store.frontier.claim(request({}));
      const [a] = await take(store, held);
      const batch = { results: [result(a, { items: ['{}'] })], lines: [logLine('a failed'), logLine('b')] };
      await store.frontier.ack(held, batch);
      expect(await store.frontier.ack(held, batch)).toEqual({ room: 99, itemCount: 1 });
      await store.frontier.ack(held, { results: [], lines: [logLine('c')] });
      expect(await messages(held.resource)).toEqual(['1 a failed', '2 b', '3 c']);
    });

    it('have nothing of an owner that was superseded', async () => {
      const first = request({});
      const old = await store.frontier.claim(first);
      await store.frontier.claim(first);
      const lines = [logLine('late')];
      const refused = { code: 'SUPERSEDED' };
      await expect(store.frontier.ack(old, { results: [], lines })).rejects.toMatchObject(refused);
      const end = { state: 'done', reason: '', messages: [], lines } as const;
      await expect(store.frontier.finish(old, end)).rejects.toMatchObject(refused);
      expect(await store.logs.last(first.resource)).toBe(0);
    });

    it('have the lines of the end of a run once', async () => {
      const held = await store.frontier.claim(request({}));
      const end = { state: 'done', reason: '', messages: [], lines: [logLine('over')] } as const;
      await store.frontier.finish(held, end);
      await store.frontier.finish(held, { ...end, lines: [logLine('over'), logLine('over again')] });
      expect(await messages(held.resource)).toEqual(['1 over']);
    });

    it('go on when the crawl starts over, and when the resource is another of its name', async () => {
      const first = request({ seeds: [page('a')] });
      await store.frontier.ack(await store.frontier.claim(first), { results: [], lines: [logLine('1')] });
      const anew = { ...first, generation: 1 };
      await store.frontier.ack(await store.frontier.claim(anew), { results: [], lines: [logLine('2')] });
      const another = { ...first, resourceId: '2' };
      await store.frontier.ack(await store.frontier.claim(another), { results: [], lines: [logLine('3')] });
      expect(await messages(first.resource)).toEqual(['1 1', '2 2', '3 3']);
    });
  });
}

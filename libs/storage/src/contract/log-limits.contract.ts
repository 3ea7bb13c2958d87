import type { CrawlStore, LogLimits } from '@app/crawl';
import { until } from '../../../../test/support/until.js';
import { freshName, logLine } from './example-crawl.contract.js';

export interface StoreWithLimits {
  store: CrawlStore;
  /** Closes the store and opens it again with other limits; undefined where nothing outlives it. */
  reopen?: (limits: LogLimits) => Promise<CrawlStore>;
  close(): Promise<void>;
}

const WIDE: LogLimits = { lines: 1_000, bytes: 1_000_000, ageMs: 100 * 86_400_000 };
const DAY_MS = 86_400_000;

/** What every adapter keeps of a log. */
export function logLimitsContract(name: string, open: (limits: LogLimits) => Promise<StoreWithLimits>): void {
  describe(`${name}, of a log`, () => {
    const subjects: StoreWithLimits[] = [];
    afterEach(async () => {
      for (const subject of subjects.splice(0)) await subject.close();
    });
    async function openWith(limits: Partial<LogLimits>): Promise<StoreWithLimits> {
      const subject = await open({ ...WIDE, ...limits });
      subjects.push(subject);
      return subject;
    }
    const kept = async (store: CrawlStore, resource: string) =>
      (await store.logs.read(resource, 0, 1_000)).map(({ number }) => number);

    it('keeps the latest lines, with their numbers', async () => {
      const { store } = await openWith({ lines: 3 });
      const resource = freshName();
      for (let n = 1; n <= 5; n++) await store.logs.append(resource, [logLine(`${n}`)]);
      expect(await kept(store, resource)).toEqual([3, 4, 5]);
      await store.logs.append(
        resource,
        [6, 7, 8, 9].map((n) => logLine(`${n}`)),
      );
      expect(await kept(store, resource)).toEqual([7, 8, 9]);
      expect(await store.logs.last(resource)).toBe(9);
    });

    it('keeps no more bytes than are allowed, of messages and fields, but always the last line', async () => {
      const { store } = await openWith({ bytes: 100 });
      const resource = freshName();
      const line = (n: number) => logLine(`${n}`, { message: 'ä'.repeat(10), fields: 'x'.repeat(20) });
      await store.logs.append(resource, [line(1), line(2)]);
      expect(await kept(store, resource)).toEqual([1, 2]);
      await store.logs.append(resource, [line(3)]);
      expect(await kept(store, resource)).toEqual([2, 3]);
      await store.logs.append(resource, [logLine('4', { message: 'x'.repeat(200) })]);
      expect(await kept(store, resource)).toEqual([4]);
      await store.logs.append(resource, [line(5)]);
      expect(await kept(store, resource)).toEqual([5]);
    });

    it('lets lines that are too old go when another comes, all of them if need be', async () => {
      const { store } = await openWith({ ageMs: DAY_MS });
      const resource = freshName();
      const old = Date.now() - 2 * DAY_MS;
      await store.logs.append(resource, [logLine('1', { at: old }), logLine('2'), logLine('3', { at: old })]);
      expect(await kept(store, resource)).toEqual([2, 3]);
      const another = freshName();
      await store.logs.append(another, [logLine('1', { at: old }), logLine('2', { at: old })]);
      expect(await kept(store, another)).toEqual([]);
      await store.logs.append(another, [logLine('3')]);
      expect(await kept(store, another)).toEqual([3]);
    });

    it('keeps hundreds of lines less at once when the limits are narrower than before', async () => {
      const { store, reopen } = await openWith({});
      if (reopen === undefined) return;
      const resource = freshName();
      const lines = Array.from({ length: 500 }, (_, n) => logLine(`${n}`));
      await store.logs.append(resource, lines);
      const narrow = await reopen({ ...WIDE, lines: 2 });
      await narrow.logs.append(resource, [logLine('one more'), logLine('499')]);
      expect(await kept(narrow, resource)).toEqual([500, 501]);
    });

    it('lets lines that are too old go though nobody writes', async () => {
      const { store, reopen } = await openWith({});
      if (reopen === undefined) return;
      const [old, young] = [freshName('old'), freshName('young')];
      const at = Date.now() - 2 * DAY_MS;
      await store.logs.append(old, [logLine('1', { at }), logLine('2', { at }), logLine('3')]);
      await store.logs.append(young, [logLine('1')]);
      const next = await reopen({ ...WIDE, ageMs: DAY_MS });
      await until(async () => (await kept(next, old)).length === 1, { what: 'the old lines are gone' });
      expect(await kept(next, old)).toEqual([3]);
      expect(await kept(next, young)).toEqual([1]);
      expect(await next.logs.last(old)).toBe(3);
    });
  });
}

import { type LogLine, MemoryCrawlStore } from '@app/crawl';
import type { worker as proto } from '@app/proto';
import { until } from '../../../../test/support/until.js';
import { LogBells } from '../task-log/log-bells.js';
import { StoredLogs } from './stored-logs.js';

/** A whole second, of today: older lines are kept for days only. */
const AT = Math.floor(Date.now() / 1_000) * 1_000;
const NEVER = new AbortController().signal;

describe('the log of a task', () => {
  let store: MemoryCrawlStore;
  let ending: AbortController;
  let bells: LogBells;
  let logs: StoredLogs;

  beforeEach(() => {
    store = new MemoryCrawlStore();
    ending = new AbortController();
    bells = new LogBells();
    logs = new StoredLogs(store.logs, (name) => name === 'assigned', bells, ending.signal);
  });

  let written = 0;
  const lines = (count: number, message = 'x'): LogLine[] =>
    Array.from({ length: count }, () => ({
      id: String(++written),
      at: AT,
      level: 'info',
      message,
      fields: '{"n":1}',
      nodeId: 'w',
      epoch: 7n,
      traceId: '',
    }));

  const asked = (more: Partial<proto.ReadLogRequest> = {}): proto.ReadLogRequest => {
    return { name: 'shop', after: 0n, tail: 0, follow: false, ...more };
  };

  async function numbers(more: Partial<proto.ReadLogRequest> = {}): Promise<number[]> {
    const all: number[] = [];
    for await (const told of await logs.read(asked(more), NEVER)) {
      expect(told.lines.length).toBeGreaterThan(0);
      all.push(...told.lines.map(({ number }) => Number(number)));
    }
    return all;
  }

  it('is told as it is kept', async () => {
    await store.logs.append('shop', lines(1, 'run begun'));
    const { value: told } = await (await logs.read(asked(), NEVER)).next();
    expect(told?.lines).toEqual([
      {
        number: 1n,
        at: { seconds: BigInt(AT / 1000), nanos: 0 },
        level: 'info',
        message: 'run begun',
        fields: '{"n":1}',
        nodeId: 'w',
        epoch: 7n,
        traceId: '',
      },
    ]);
  });

  it.each([
    ['all', {}, 1, 1_234],
    ['what comes after a number', { after: 1_200n }, 1_201, 1_234],
    ['the last lines', { tail: 3 }, 1_232, 1_234],
    ['the last lines, but none that was seen', { tail: 30, after: 1_230n }, 1_231, 1_234],
    ['all of another log than the one that was seen', { after: 9_999n }, 1, 1_234],
  ])('is told in part: %s', async (_, more, first, last) => {
    await store.logs.append('shop', lines(1_234));
    const told = await numbers(more);
    expect([told[0], told.at(-1), told.length]).toEqual([first, last, last - first + 1]);
  });

  it('comes in messages that are not too large', async () => {
    await store.logs.append('shop', lines(30, 'x'.repeat(100_000)));
    const sizes: number[] = [];
    for await (const told of await logs.read(asked(), NEVER)) sizes.push(told.lines.length);
    expect(sizes).toEqual([10, 10, 10]);
  });

  it('is followed, line by line, until the reader goes', async () => {
    await store.logs.append('shop', lines(2));
    const gone = new AbortController();
    const told: number[] = [];
    const reading = (async () => {
      for await (const { lines: some } of await logs.read(asked({ follow: true }), gone.signal)) {
        told.push(...some.map(({ number }) => Number(number)));
      }
    })();
    try {
      await until(() => told.length === 2, { what: 'what is kept' });
      await store.logs.append('shop', lines(3));
      await until(() => told.length === 5, { what: 'what comes' });
    } finally {
      gone.abort();
      await reading;
    }
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['by being told, when this process has written', true, 3_600_000],
    ['by looking again, when another has', false, 10],
  ])('is followed %s', async (_, rings, lookAgainMs) => {
    const gone = new AbortController();
    const looking = new StoredLogs(store.logs, () => true, bells, ending.signal, lookAgainMs);
    const followed = await looking.read(asked({ follow: true }), gone.signal);
    for (const number of [1n, 2n]) {
      const next = followed.next();
      await new Promise(setImmediate);
      await store.logs.append('shop', lines(1));
      if (rings) bells.ring('shop');
      expect((await next).value?.lines).toMatchObject([{ number }]);
    }
    gone.abort();
  });

  it('is no longer followed when the worker ends, which is not its end', async () => {
    const followed = await logs.read(asked({ name: 'assigned', follow: true }), NEVER);
    const next = followed.next();
    ending.abort();
    await expect(next).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is empty of a task that has said nothing, and none of a task that nobody knows', async () => {
    expect(await numbers({ name: 'assigned' })).toEqual([]);
    await expect(logs.read(asked(), NEVER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(logs.read(asked({ name: '' }), NEVER)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

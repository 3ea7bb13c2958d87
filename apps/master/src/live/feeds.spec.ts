import { until } from '../../../../test/support/until.js';
import { Feeds } from './feeds.js';
import { Pulse } from './pulse.js';
import { whenChanged } from './when-changed.js';

interface Value {
  readonly n: number;
}

/** Values as a test gives them. */
class Script {
  openCount = 0;
  closedCount = 0;
  private latest = 0;
  private failure: Error | undefined;
  private readonly news = new Pulse();

  readonly values = async function* (this: Script, signal: AbortSignal): AsyncGenerator<Value> {
    this.openCount++;
    try {
      while (!signal.aborted) {
        const { version } = this.news;
        if (this.failure !== undefined) throw this.failure;
        yield { n: this.latest };
        await this.news.since(version, signal);
      }
    } finally {
      this.closedCount++;
    }
  }.bind(this);

  tell(n: number): void {
    this.latest = n;
    this.news.beat();
  }

  fail(error: Error): void {
    this.failure = error;
    this.news.beat();
  }
}

const ending = new AbortController();
const forever = new AbortController().signal;

test('all who follow the same are told the same object, which is made once', async () => {
  const script = new Script();
  const feeds = new Feeds<Value>(ending.signal);
  const [a, b] = [feeds.follow('x', script.values, forever), feeds.follow('x', script.values, forever)];
  const [one, other] = [(await a.next()).value, (await b.next()).value];
  expect(one).toEqual({ n: 0 });
  expect(other).toBe(one);
  expect(script.openCount).toBe(1);
  await a.return();
  script.tell(1);
  expect((await b.next()).value).toEqual({ n: 1 });
  expect(script.closedCount).toBe(0);
  await b.return();
  await until(() => script.closedCount === 1, { what: 'nobody makes what nobody follows' });
});

test('a slow reader is told the newest only, a late one what there is', async () => {
  const script = new Script();
  const feeds = new Feeds<Value>(ending.signal);
  const fast = feeds.follow('x', script.values, forever);
  const slow = feeds.follow('x', script.values, forever);
  await slow.next();
  await fast.next();
  for (let n = 1; n <= 5; n++) {
    script.tell(n);
    expect((await fast.next()).value).toEqual({ n });
  }
  expect((await slow.next()).value).toEqual({ n: 5 });
  const late = feeds.follow('x', script.values, forever);
  expect((await late.next()).value).toEqual({ n: 5 });
  for (const reader of [fast, slow, late]) await reader.return();
});

test('what breaks the making is told to all, and who comes then begins anew', async () => {
  const script = new Script();
  const feeds = new Feeds<Value>(ending.signal);
  const readers = [feeds.follow('x', script.values, forever), feeds.follow('x', script.values, forever)];
  for (const reader of readers) await reader.next();
  script.fail(new Error('broken'));
  for (const reader of readers) await expect(reader.next()).rejects.toThrow('broken');
  const another = new Script();
  const next = feeds.follow('x', another.values, forever);
  expect((await next.next()).value).toEqual({ n: 0 });
  await next.return();
});

test('a reader ends with its signal; a master that ends tells its readers to go elsewhere', async () => {
  const script = new Script();
  const end = new AbortController();
  const feeds = new Feeds<Value>(end.signal);
  const gone = new AbortController();
  const leaving = feeds.follow('x', script.values, gone.signal);
  const staying = feeds.follow('x', script.values, forever);
  await leaving.next();
  await staying.next();
  gone.abort();
  expect((await leaving.next()).done).toBe(true);
  end.abort();
  await expect(staying.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a value is told when it is another, not when something else has changed', async () => {
  const pulse = new Pulse();
  const end = new AbortController();
  let n = 0;
  let madeCount = 0;
  const values = whenChanged(
    {
      make: () => {
        madeCount++;
        return Promise.resolve({ value: n, version: pulse.version });
      },
      encode: (value) => Buffer.from([value]),
      pulse,
      gapMs: 0,
      idleMs: 60_000,
    },
    end.signal,
  );
  expect((await values.next()).value).toBe(0);
  const next = values.next();
  pulse.beat();
  await until(() => madeCount === 2, { what: 'it is made again' });
  n = 1;
  pulse.beat();
  expect((await next).value).toBe(1);
  expect(madeCount).toBe(3);
  end.abort();
  expect((await values.next()).done).toBe(true);
});

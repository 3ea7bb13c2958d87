import { type LineLevel, MemoryCrawlStore } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import { until } from '../../../../test/support/until.js';
import { TaskLog } from './task-log.js';

describe('what a worker says into the logs of its tasks', () => {
  let store: MemoryCrawlStore;
  let isAway: boolean;
  let warnings: object[];
  let stop: AbortController;
  beforeEach(() => {
    [store, isAway, warnings, stop] = [new MemoryCrawlStore(), false, [], new AbortController()];
  });
  afterEach(() => stop.abort());

  function logOf(level: LineLevel = 'info'): TaskLog {
    const append: typeof store.logs.append = (resource, lines) =>
      isAway
        ? Promise.reject(new OrbweaverError('STORE_UNAVAILABLE', 'away'))
        : store.logs.append(resource, lines);
    const warn = (fields: object): void => void warnings.push(fields);
    return new TaskLog({ append }, 'worker-1', level, { warn } as never);
  }

  const lines = (name: string) => store.logs.read(name, 0, 100_000);

  it('stands there in order, with who said it and under which assignment', async () => {
    const log = logOf();
    void log.run(stop.signal);
    log.say({ name: 'a', epoch: 7n, traceId: 't' }, 'info', 'taken up', { run: 2 });
    log.say({ name: 'b', epoch: 8n }, 'warn', 'stopped');
    log.say({ name: 'a', epoch: 7n }, 'info', 'done');
    await until(async () => (await lines('a')).length === 2, { what: 'they are written' });
    expect(await lines('a')).toMatchObject([
      { number: 1, message: 'taken up', fields: '{"run":2}', nodeId: 'worker-1', epoch: 7n, traceId: 't' },
      { number: 2, message: 'done', fields: '', traceId: '' },
    ]);
    expect(await lines('b')).toMatchObject([{ level: 'warn', epoch: 8n }]);
  });

  it('is left out below the level', async () => {
    const log = logOf('warn');
    log.say({ name: 'a', epoch: 1n }, 'info', 'taken up');
    log.say({ name: 'a', epoch: 1n }, 'error', 'failed');
    await log.end();
    expect(await lines('a')).toMatchObject([{ message: 'failed' }]);
  });

  it('waits, in order, while the store is away', async () => {
    isAway = true;
    const log = logOf();
    void log.run(stop.signal);
    for (const message of ['one', 'two', 'three']) log.say({ name: 'a', epoch: 1n }, 'info', message);
    await until(() => warnings.length > 0, { what: 'the trouble is told' });
    isAway = false;
    await until(async () => (await lines('a')).length === 3, { what: 'they are written' });
    expect((await lines('a')).map(({ message }) => message)).toEqual(['one', 'two', 'three']);
  });

  it('is bounded, and says how much was lost', async () => {
    let count = 0;
    const append = async (_: string, some: readonly unknown[]) => void (count += some.length);
    const warn = (fields: object): void => void warnings.push(fields);
    const log = new TaskLog({ append }, 'worker-1', 'info', { warn } as never);
    for (let line = 0; line < 10_007; line++) log.say({ name: 'a', epoch: 1n }, 'info', String(line));
    await log.end();
    expect(count).toBe(10_000);
    expect(warnings).toEqual([{ lines: 7 }]);
  });

  it('says at the end what the store did not take any more', async () => {
    isAway = true;
    const log = logOf();
    log.say({ name: 'a', epoch: 1n }, 'info', 'stopped');
    await log.end();
    expect(warnings).toEqual([{ lines: 1 }]);
  });
});

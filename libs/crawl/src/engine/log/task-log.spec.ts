import { OrbweaverError } from '@app/errors';
import { HttpFetcher } from '@app/fetch';
import { parseTaskSpec } from '@app/tasks';
import type { AckBatch, Claim, Frontier } from '../../store/frontier.js';
import { MemoryCrawlStore } from '../../store/memory/memory-crawl-store.js';
import type { StoredLogLine } from '../../store/task-logs.js';
import type { Task, Tenure } from '../../task/task-runner.js';
import { Crawler, type CrawlerOptions } from '../crawler.js';
import { TestSite } from '../test-site.js';

describe('the log of a task', () => {
  let site: TestSite;
  let store: MemoryCrawlStore;
  const fetcher = new HttpFetcher({ allowPrivate: true });
  const crawlers: Crawler[] = [];
  beforeEach(async () => {
    site = await TestSite.open();
    store = new MemoryCrawlStore();
  });
  afterEach(async () => {
    await Promise.all(crawlers.splice(0).map((each) => each.close()));
    await site.close();
  });
  afterAll(() => fetcher.close());

  it('says where a run begins and how it ends, with its figures, and nothing of pages that go well', async () => {
    site.pages = { '/': '<title>T</title><a href="/a">a</a>', '/a': 'x' };
    await crawler().run(task(), forever());
    const [begun, over, ...others] = await lines();
    expect(others).toEqual([]);
    expect(begun).toMatchObject({
      number: 1,
      level: 'info',
      nodeId: 'worker-1',
      epoch: 1n,
      message: 'run 1 begins: 1 page queued',
    });
    expect(fieldsOf(begun)).toMatchObject({ run: 1, queued: 1, specHash: expect.stringMatching(/^\w+/) });
    expect(over?.message).toMatch(/^run 1 is done: 2 pages, 0 failed, 1 item, in [\d.]+ m?s$/);
    expect(fieldsOf(over)).toMatchObject({ state: 'done', done: 2, failed: 0, items: 1 });
  });

  it('names each page that is tried again or failed, with why and how often', async () => {
    site.pages = {
      '/': '<a href="/broken">x</a><a href="/gone">x</a>',
      '/broken': (_, response) => void response.writeHead(502).end(),
    };
    await crawler().run(task({ retries: { max: 1, delay: '10ms' } }), forever());
    const told = (await lines()).filter(({ message }) => message.startsWith('page'));
    expect(told.map(({ level, message }) => [level, message])).toEqual(
      expect.arrayContaining([
        ['info', `page is tried again in 10 ms: ${site.url('/broken')}: HTTP 502`],
        ['warn', `page failed: ${site.url('/gone')}: HTTP 404`],
        ['warn', `page failed, after 2 attempts: ${site.url('/broken')}: HTTP 502`],
      ]),
    );
    const failed = told.find(({ message }) => message.includes('2 attempts'));
    const url = site.url('/broken');
    expect(fieldsOf(failed)).toEqual({ url, status: 502, reason: 'HTTP 502', attempts: 2 });
  });

  it('of hundreds of pages that fail alike has a few lines, and their number', async () => {
    site.pages = { '/': links(500, '/gone/') };
    await crawler().run(task({ maxPages: 1_000 }), forever());
    const told = (await lines()).filter(({ message }) => message.includes('page failed'));
    // Ten, and their number once in a while.
    expect(told.length).toBeLessThan(20);
    expect(told.at(-1)?.message).toMatch(/^\d+ more like this: page failed: .*HTTP 404$/);
    const counts = told.map((line) => Number(fieldsOf(line)['count'] ?? 1));
    expect(counts.slice(0, 10)).toEqual(Array(10).fill(1));
    expect(counts.reduce((sum, count) => sum + count)).toBe(500);
  });

  it('says once what robots.txt forbids at a host, and how many pages it were', async () => {
    site.pages = { '/robots.txt': 'User-agent: *\nDisallow: /private', '/': links(30, '/private/') };
    await crawler().run(task(), forever());
    const told = (await lines()).filter(({ message }) => message.includes('robots.txt'));
    expect(told.map(({ message }) => message)).toEqual([
      `robots.txt of ${site.host} forbids ${site.url('/private/0')}`,
      expect.stringMatching(/^29 more like this/),
    ]);
  });

  it('says when a host asks for fewer requests, does not answer, and answers again', async () => {
    let asked = 0;
    site.pages = {
      '/': (request, response) => {
        asked++;
        if (asked === 1) response.writeHead(429).end();
        else if (asked < 5) request.socket.destroy();
        else response.writeHead(200, { 'content-type': 'text/html' }).end('x');
      },
    };
    const patience = { openAfter: 2, firstPauseMs: 10, longestPauseMs: 20 };
    await crawler({ patience }).run(task({ retries: { max: 9, delay: '1ms' } }), forever());
    const told = (await lines()).filter(({ message }) => message.startsWith(site.host));
    expect(told.map(({ level, message }) => `${level} ${message.replace(site.host, 'HOST')}`)).toEqual([
      expect.stringMatching(/^warn HOST asks for fewer requests \(HTTP 429\): the next one in [\d.]+ m?s$/),
      expect.stringMatching(/^warn HOST does not answer: .*; it is left alone/),
      'info HOST answers again',
    ]);
    expect(Date.parse(String(fieldsOf(told[0])['untilAt']))).toBeGreaterThan(0);
  });

  it('says who was at it before when another worker goes on', async () => {
    site.pages = { '/': links(40, '/page/') };
    site.otherwise = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('x');
    const stop = new AbortController();
    const first = crawler();
    const spec = { delay: '5ms', maxPages: 100 };
    const running = first.run(task(spec), { signal: stop.signal, holds: () => !stop.signal.aborted });
    await until(() => site.paths.length > 5);
    stop.abort();
    expect(await running).toBe('stopped');
    await first.close();
    const second = crawler({ nodeId: 'worker-2', holder: 'second' });
    expect(await second.run(task(spec, { epoch: 2n }), forever())).toBe('done');
    const told = await lines();
    expect(told.map(({ nodeId, message }) => `${nodeId}: ${message.split(':')[0]}`)).toEqual([
      'worker-1: run 1 begins',
      'worker-1: run 1 stops here; whoever has the task next goes on from here',
      'worker-2: run 1 goes on where worker-1 left it',
      'worker-2: run 1 is done',
    ]);
  });

  it('has a line for each page where that is asked for, and only trouble where that is', async () => {
    site.pages = { '/': '<a href="/a">a</a><a href="/gone">b</a>', '/a': 'x' };
    await crawler({ lineLevel: 'debug' }).run(task(), forever());
    const debug = (await lines()).filter(({ level }) => level === 'debug');
    expect(debug.map(({ message }) => message).sort()).toEqual([
      `page done: ${site.url('/')}`,
      `page done: ${site.url('/a')}`,
    ]);
    await crawler({ lineLevel: 'warn', holder: 'quiet' }).run(task({}, { name: 'quiet' }), forever());
    expect((await lines('quiet')).map(({ level }) => level)).toEqual(['warn']);
  });

  it('holds what the scripts of its rules say', async () => {
    site.pages = { '/': 'x' };
    const rules = { page: { script: 'ctx.log("seen", 1); ctx.output({ a: 1 });' } };
    await crawler().run(task({ rules }), forever());
    const said = (await lines()).find(({ message }) => message === 'seen 1');
    expect(said).toMatchObject({ level: 'info' });
    expect(fieldsOf(said)).toEqual({ url: site.url('/'), rule: 'page' });
  });

  it('comes with the pages that it tells of, and no line twice though the store takes a batch and does not say so', async () => {
    site.pages = { '/': links(8, '/gone/') };
    const ack = store.frontier.ack.bind(store.frontier);
    let count = 0;
    store.frontier.ack = async (claim: Claim, batch: AckBatch) => {
      const answer = await ack(claim, batch);
      for (const { state } of batch.results) if (state === 'failed') count++;
      const told = (await lines()).filter(({ message }) => message.startsWith('page failed'));
      expect(told.length).toBeGreaterThanOrEqual(Math.min(count, 8));
      if (isFirst) {
        isFirst = false;
        throw new OrbweaverError('STORE_UNAVAILABLE', 'the connection broke');
      }
      return answer;
    };
    let isFirst = true;
    expect(await crawler().run(task(), forever())).toBe('done');
    const told = (await lines()).map(({ message }) => message);
    expect(told.filter((message) => message.startsWith('run 1 begins'))).toHaveLength(1);
    expect(told.filter((message) => message.startsWith('page failed'))).toHaveLength(8);
    expect(told.filter((message) => message.startsWith('the store took nothing'))).toHaveLength(1);
  });

  it('says of what broke a run why it did', async () => {
    site.pages = { '/': 'x' };
    store.frontier.take = () => Promise.reject(new Error('no such table'));
    await expect(crawler().run(task(), forever())).rejects.toThrow('no such table');
    const told = (await lines()).map(({ level, message }) => `${level} ${message}`);
    expect(told).toEqual([
      'info run 1 begins: 1 page queued',
      'error run 1 breaks off: Error: no such table',
    ]);
  });

  it('is behind while the store takes nothing, which is what the run then waits for', async () => {
    site.pages = { '/': links(50, '/page/') };
    site.otherwise = (_, response) => void response.writeHead(404).end();
    let isAway = false;
    const ack: Frontier['ack'] = store.frontier.ack.bind(store.frontier);
    store.frontier.ack = (claim, batch) =>
      isAway ? Promise.reject(new OrbweaverError('STORE_UNAVAILABLE', 'it is away')) : ack(claim, batch);
    const runner = crawler();
    const running = runner.run(task({ delay: '2ms' }), forever());
    await until(() => site.paths.length > 5);
    isAway = true;
    await until(() => runner.waits('task')[0]?.reason === 'it is away');
    expect(runner.waits('task')[0]).toMatchObject({ host: '', for: 'store' });
    const before = (await lines()).length;
    await until(() => site.openCount === 0 && site.paths.length > 40);
    expect((await lines()).length).toBe(before);
    isAway = false;
    expect(await running).toBe('done');
    const told = (await lines()).map(({ message }) => message);
    expect(told.find((message) => message.startsWith('the store took nothing'))).toMatch(
      /for [\d.]+ m?s: it is away; nothing was lost$/,
    );
    expect(runner.waits('task')).toEqual([]);
  });

  function crawler(options: Partial<CrawlerOptions> = {}): Crawler {
    const holder = `test-${crawlers.length}`;
    const made = new Crawler({ store, fetchers: { http: fetcher }, holder, nodeId: 'worker-1', ...options });
    crawlers.push(made);
    return made;
  }

  function task(spec: object = {}, change: Partial<Task> = {}): Task {
    return {
      name: 'task',
      id: '1',
      epoch: 1n,
      generation: 0,
      run: 1,
      retry: 0,
      spec: parseTaskSpec({ seeds: [site.url('/')], delay: 0, ...spec }),
      ...change,
    };
  }

  function lines(name = 'task'): Promise<StoredLogLine[]> {
    return store.logs.read(name, 0, 10_000);
  }
});

function fieldsOf(line: StoredLogLine | undefined): Record<string, unknown> {
  return JSON.parse(line?.fields || '{}') as Record<string, unknown>;
}

function links(count: number, path: string): string {
  return Array.from({ length: count }, (_, index) => `<a href="${path}${index}">x</a>`).join('');
}

function forever(): Tenure {
  return { signal: new AbortController().signal, holds: () => true };
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !condition();) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

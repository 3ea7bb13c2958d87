import { OrbweaverError } from '@app/errors';
import { HttpFetcher } from '@app/fetch';
import { parseTaskSpec } from '@app/tasks';
import { MemoryCrawlStore } from '../store/memory/memory-crawl-store.js';
import type { CrawlStore } from '../store/crawl-store.js';
import type { Frontier } from '../store/frontier.js';
import type { FinishedPage } from '../store/results.js';
import type { Task } from '../task/task-runner.js';
import type { Tenure } from '../task/task-runner.js';
import { Crawler } from './crawler.js';
import { TestSite, type Handler } from './test-site.js';

describe('the crawler', () => {
  let site: TestSite;
  let store: MemoryCrawlStore;
  let fetcher: HttpFetcher;
  let crawler: Crawler;
  const crawlers: Crawler[] = [];
  const crawlerOn = (on: CrawlStore, patience = {}): Crawler => {
    const made = new Crawler({
      store: on,
      fetchers: { http: fetcher },
      holder: `test-${crawlers.length}`,
      patience,
    });
    crawlers.push(made);
    return made;
  };
  beforeEach(async () => {
    site = await TestSite.open();
    store = new MemoryCrawlStore();
    fetcher = new HttpFetcher({ allowPrivate: true });
    crawler = crawlerOn(store);
  });
  afterEach(async () => {
    await Promise.all(crawlers.splice(0).map((each) => each.close()));
    await fetcher.close();
    await site.close();
  });

  const task = (spec: object = {}, change: Partial<Task> = {}): Task => ({
    name: 'task',
    id: '1',
    epoch: 1n,
    generation: 0,
    run: 1,
    retry: 0,
    spec: parseTaskSpec({ seeds: [site.url('/')], delay: 0, ...spec }),
    ...change,
  });
  const pages = async (): Promise<Record<string, Partial<FinishedPage>>> => {
    const all = await store.results.pages('task', { after: 0, limit: 10_000 });
    return Object.fromEntries(all.map((page) => [page.url.replace(site.url(''), ''), page]));
  };
  const items = async (): Promise<unknown[]> =>
    (await store.results.items('task', 0, 10_000)).map(({ data }) => JSON.parse(data) as unknown);

  it('follows links on the host of the seed, to the depth that is asked for, each page once', async () => {
    site.pages = {
      '/': `<title>Home</title><a href="/a">a</a><a href="/b#x">b</a><a href="http://elsewhere.test/">e</a>`,
      '/a': '<title>A</title><a href="/b">b</a><a href="/">home</a><a href="/deep">deep</a>',
      '/b': '<a href="/a">a</a>',
      '/deep': '<a href="/deeper">deeper</a>',
    };
    expect(await crawler.run(task({ maxDepth: 2 }), forever())).toBe('done');
    expect(site.paths.toSorted()).toEqual(['/', '/a', '/b', '/deep']);
    expect(await pages()).toMatchObject({
      '/': { state: 'done', status: 200, title: 'Home', depth: 0, bytes: (site.pages['/'] as string).length },
      '/deep': { depth: 2 },
    });
    expect(await crawler.progress('task')).toMatchObject({ state: 'done', doneCount: 4, queuedCount: 0 });
  });

  it('stores the items that rules find, with what was carried along', async () => {
    site.pages = {
      '/': '<li><a href="/1">One</a><i>5</i></li><li><a href="/2">Two</a><i>7</i></li>',
      '/1': '<h1>First</h1>',
      '/2': '<h1>Second</h1>',
    };
    const rules = {
      list: {
        follow: [{ each: 'li', select: 'a', to: 'book', carry: { stars: { css: 'i', type: 'integer' } } }],
      },
      book: { fields: { title: 'h1', stars: { carried: 'stars' } } },
    };
    expect(await crawler.run(task({ rules, concurrency: 1 }), forever())).toBe('done');
    expect(await items()).toEqual([
      { title: 'First', stars: 5 },
      { title: 'Second', stars: 7 },
    ]);
  });

  it('stops at the number of pages that is asked for', async () => {
    site.otherwise = endless();
    expect(await crawler.run(task({ maxPages: 70, maxDepth: 1_000 }), forever())).toBe('done');
    expect(site.paths).toHaveLength(70);
  });

  it('stops at the number of items that is asked for, not one more, and says so', async () => {
    site.otherwise = endless();
    expect(await crawler.run(task({ maxItems: 12, maxDepth: 1_000 }), forever())).toBe('done');
    expect(await items()).toHaveLength(12);
    expect(await crawler.progress('task')).toMatchObject({
      state: 'done',
      reason: expect.stringContaining('12 items'),
    });
  });

  it('stops after the time that is asked for, counted over all who crawl it', async () => {
    site.otherwise = endless();
    const endlessTask = (epoch: bigint) =>
      task({ maxDuration: '2s', maxDepth: 1_000, maxPages: 100_000, delay: '20ms' }, { epoch });
    const stop = new AbortController();
    let isOver = false;
    const first = crawler.run(endlessTask(1n), tenureOf(stop.signal)).finally(() => (isOver = true));
    await until(() => site.paths.length >= 60 || isOver);
    stop.abort();
    // On a machine that stood still for most of the time it is done.
    expect(['stopped', 'done']).toContain(await first);
    expect(await crawler.run(endlessTask(2n), forever())).toBe('done');
    // No more than the delay has room for in two seconds, and the first of each.
    expect(site.paths.length).toBeLessThanOrEqual(104);
    expect((await crawler.progress('task'))?.reason).toContain('2 s');
  });

  it('does nothing for a run that is over, and knows what came of it', async () => {
    site.pages = { '/': 'x' };
    expect(await crawler.outcome(task())).toBeUndefined();
    await crawler.run(task(), forever());
    expect(await crawler.run(task({}, { epoch: 2n }), forever())).toBe('done');
    expect(site.paths).toEqual(['/']);
    expect(await crawler.outcome(task({}, { epoch: 3n }))).toEqual({ state: 'done', reason: '' });
    expect(await crawler.outcome(task({ maxDepth: 1 }))).toBeUndefined();
    expect(await crawler.outcome(task({}, { id: '2' }))).toBeUndefined();
    expect(await crawler.outcome(task({}, { run: 2 }))).toBeUndefined();
  });

  it('asks in a further run whether the pages of the seeds have changed', async () => {
    site.pages = {
      '/': (request, response) => {
        const isKnown = request.headers['if-none-match'] === '"1"';
        if (isKnown) response.writeHead(304).end();
        else
          response
            .writeHead(200, { 'content-type': 'text/html', etag: '"1"' })
            .end('<title>T</title><a href="/a">');
      },
      '/a': 'x',
    };
    await crawler.run(task(), forever());
    expect(await crawler.run(task({}, { run: 2 }), forever())).toBe('done');
    expect(site.paths).toEqual(['/', '/a', '/']);
    expect((await pages())['/']).toMatchObject({ state: 'done', status: 304, title: 'T' });
    await crawler.run(task({}, { run: 3, generation: 1 }), forever());
    expect(site.paths).toHaveLength(5);
  });

  it('keeps one request at a time and the delay, for all tasks together', async () => {
    for (let index = 0; index < 4; index++) site.pages[`/${index}`] = `page ${index}`;
    const seeds = (from: number) => ({
      seeds: [site.url(`/${from}`), site.url(`/${from + 1}`)],
      delay: '40ms',
    });
    const both = [task(seeds(0)), task(seeds(2), { name: 'other' })];
    await Promise.all(both.map((one) => crawler.run(one, forever())));
    expect(site.mostOpenCount).toBe(1);
    const gaps = site.requests.slice(1).map(({ at }, index) => at - (site.requests[index]?.at ?? 0));
    expect(site.paths).toHaveLength(4);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(40);
  });

  it('keeps to the rate limits of a task', async () => {
    site.otherwise = endless();
    const limits = [{ events: 20, per: '1s', bucket: 5 }];
    const startedAt = performance.now();
    await crawler.run(task({ limits, maxPages: 15, maxDepth: 100 }), forever());
    expect(site.paths).toHaveLength(15);
    expect((site.requests.at(-1)?.at ?? 0) - startedAt).toBeGreaterThanOrEqual(499);
  });

  it('obeys robots.txt: what is disallowed is recorded, not fetched', async () => {
    site.pages = {
      '/robots.txt': 'User-agent: *\nDisallow: /private',
      '/': '<a href="/private/x">x</a><a href="/open">o</a>',
      '/open': 'x',
    };
    await crawler.run(task(), forever());
    expect(site.paths).toEqual(['/', '/open']);
    expect(await pages()).toMatchObject({
      '/private/x': { state: 'failed', status: 0, error: 'robots.txt disallows it' },
    });
  });

  it('asks for robots.txt once, whatever the number of tasks; and not at all where it is ignored', async () => {
    site.otherwise = endless();
    await crawler.run(task({ maxPages: 1, robots: 'ignore' }), forever());
    expect(site.requests.map(({ path }) => path)).toEqual(['/']);
    const tasks = Array.from({ length: 8 }, (_, index) => task({ maxPages: 3 }, { name: `task-${index}` }));
    await Promise.all(tasks.map((each) => crawler.run(each, forever())));
    expect(site.requests.filter(({ path }) => path === '/robots.txt')).toHaveLength(1);
  });

  it('fetches nothing of a host whose robots.txt cannot be had, says why it waits, and in the end gives up', async () => {
    site.pages = { '/robots.txt': (_, response) => void response.writeHead(500).end(), '/': 'x' };
    const stop = new AbortController();
    const running = crawler.run(task(), tenureOf(stop.signal));
    await until(() => site.requests.length === 1 && crawler.waits('task').length === 1);
    await until(() => crawler.waits('task')[0]?.reason === 'HTTP 500');
    expect(crawler.waits('task')).toMatchObject([{ host: site.host, for: 'back off' }]);
    stop.abort();
    expect(await running).toBe('stopped');
    const hasty = crawlerOn(store, { probes: 2, deadAfterMs: 50, firstPauseMs: 20 });
    await crawler.close();
    expect(await hasty.run(task({}, { epoch: 2n }), forever())).toBe('failed');
    expect(site.paths).toEqual([]);
    expect(await pages()).toMatchObject({
      '/': { error: 'robots.txt: HTTP 500, so it is not known what may be fetched' },
    });
  });

  it('takes the target of a redirect for a page of its own, fetched once', async () => {
    const to = (location: string, status = 302): Handler => {
      return (_, response) => void response.writeHead(status, { location }).end('moved');
    };
    site.pages = {
      '/': '<a href="/old">1</a><a href="/older">2</a><a href="/off">3</a><a href="/self">4</a>',
      '/old': to('/new', 301),
      '/older': to('new'),
      '/new': '<title>New</title>',
      '/off': to('http://elsewhere.test/x'),
      '/self': to('/self#here'),
    };
    await crawler.run(task({ retries: 1 }), forever());
    expect(site.paths.filter((path) => path === '/new')).toHaveLength(1);
    expect(await pages()).toMatchObject({
      '/old': { state: 'redirected', status: 301, error: '' },
      '/older': { state: 'redirected', status: 302 },
      '/new': { state: 'done', title: 'New', depth: 1 },
      '/off': { state: 'failed', error: 'redirects to what the task leaves out: http://elsewhere.test/x' },
      '/self': { state: 'failed', error: 'redirects to itself', attempts: 2 },
    });
  });

  it('tries a page that fails again, as often as the task says, then keeps it with the reason', async () => {
    let asked = 0;
    site.pages = {
      '/': '<a href="/flaky">x</a><a href="/broken">x</a>',
      '/flaky': (_, response) => void response.writeHead(asked++ === 0 ? 500 : 200).end('x'),
      '/broken': (_, response) => void response.writeHead(502).end(),
    };
    const retries = { max: 2, delay: '10ms' };
    expect(await crawler.run(task({ retries }), forever())).toBe('done');
    expect(await pages()).toMatchObject({
      '/flaky': { state: 'done', attempts: 2 },
      '/broken': { state: 'failed', attempts: 3, status: 502, error: 'HTTP 502' },
    });
    site.pages['/broken'] = 'x';
    await crawler.run(task({ retries }, { retry: 1 }), forever());
    expect((await pages())['/broken']).toMatchObject({ state: 'done' });
  });

  it('comes back to a page when its host asked for a pause', async () => {
    let asked = 0;
    site.pages = {
      '/': (_, response) =>
        void (asked++ === 0
          ? response.writeHead(429, { 'retry-after': '0' }).end()
          : response.writeHead(200, { 'content-type': 'text/html' }).end('<title>At last</title>')),
    };
    await crawler.run(task(), forever());
    expect(await pages()).toMatchObject({ '/': { state: 'done', title: 'At last' } });
    const [first, second] = site.requests.filter(({ path }) => path === '/');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(900);
  });

  it('fails when no page went well, with the reason of the first, and tells those who want to know', async () => {
    const webhooks = ['done', 'failed'].map((on) => ({ url: `http://hook.test/${on}`, on: [on] }));
    expect(await crawler.run(task({ webhooks }), forever())).toBe('failed');
    const reason = `no page went well: ${site.url('/')}: HTTP 404`;
    expect(await crawler.progress('task')).toMatchObject({ state: 'failed', reason });
    const [message, ...others] = await store.outbox.lease(10, 1_000);
    expect(others).toEqual([]);
    expect(message?.url).toBe('http://hook.test/failed');
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      event: 'crawl.failed',
      task: 'task',
      run: 1,
      state: 'failed',
      reason,
      pages: { done: 0, failed: 1, queued: 0 },
      items: 0,
      startedAt: expect.stringMatching(/Z$/),
      endedAt: expect.stringMatching(/Z$/),
    });
  });

  it('gives up a host that is dead, with all its pages, and goes on with the others', async () => {
    const seeds = Array.from({ length: 30 }, (_, index) => `http://${NOBODY}/${index}`);
    site.pages = { '/': 'x' };
    const hasty = crawlerOn(store, { probes: 3, deadAfterMs: 100, firstPauseMs: 10 });
    const retries = { max: 10, delay: '10ms' };
    expect(await hasty.run(task({ seeds: [...seeds, site.url('/')], retries }), forever())).toBe('done');
    const progress = await crawler.progress('task');
    expect(progress).toMatchObject({ doneCount: 1, failedCount: 30 });
    const failed = await store.results.pages('task', { after: 0, limit: 1, failed: true });
    // Of robots.txt, as it happens: that is what is asked for first.
    expect(failed[0]?.error).toMatch(/robots.txt: .*refused.*not known what may be fetched/);
  });

  it('goes on on another worker where it stopped, and fetches again only what was in flight', async () => {
    site.pages = { '/': Array.from({ length: 20 }, (_, index) => `<a href="/${index}">x</a>`).join('') };
    for (let index = 0; index < 20; index++) site.pages[`/${index}`] = 'x';
    site.pages['/7'] = () => {}; // never answers
    const stop = new AbortController();
    const first = crawler.run(task({ concurrency: 1 }), tenureOf(stop.signal));
    await until(() => site.paths.includes('/7'));
    stop.abort();
    expect(await first).toBe('stopped');
    expect(await crawler.progress('task')).toMatchObject({ state: 'open', doneCount: 8, queuedCount: 13 });

    site.pages['/7'] = 'x';
    await crawler.close();
    expect(await crawlerOn(store).run(task({ concurrency: 1 }, { epoch: 2n }), forever())).toBe('done');
    const twice = site.paths.filter((path, index) => site.paths.indexOf(path) !== index);
    expect(twice).toEqual(['/7']);
  });

  it('stops as superseded when a newer owner has claimed the task', async () => {
    let release: (() => void) | undefined;
    site.pages = { '/': (_, response) => void (release = () => response.end('x')) };
    const old = crawler.run(task(), forever());
    await until(() => release !== undefined);
    const { spec: _, name, id, ...rest } = task();
    await store.frontier.claim({
      ...rest,
      resource: name,
      resourceId: id,
      epoch: 2n,
      specHash: 'x',
      seeds: [],
      reloadRules: [],
      maxPages: 1,
    });
    release?.();
    expect(await old).toBe('superseded');
    expect(await crawler.run(task(), forever())).toBe('superseded');
  });

  it('sends nothing once its tenure is over, though no signal came', async () => {
    let holds = true;
    site.pages = {
      '/': (_, response) => {
        holds = false;
        response.writeHead(200, { 'content-type': 'text/html' }).end('<a href="/next">x</a>');
      },
    };
    const outcome = await crawler.run(task(), { signal: new AbortController().signal, holds: () => holds });
    expect(outcome).toBe('stopped');
    expect(site.paths).toEqual(['/']);
  });

  it('does not even claim the crawl when its tenure was over before', async () => {
    await crawler.run(task(), { signal: new AbortController().signal, holds: () => false });
    expect(await crawler.progress('task')).toBeUndefined();
  });

  it('throws what stops it as a whole, when nothing of it runs any more', async () => {
    site.pages = { '/': 'x' };
    const broken = storeWith({ ack: () => Promise.reject(new Error('no such table')) });
    await expect(crawlerOn(broken).run(task(), forever())).rejects.toThrow('no such table');
    expect(site.openCount).toBe(0);
  });

  it('keeps what it has while the store does not answer, and goes on when it does', async () => {
    site.otherwise = endless();
    let isAway = false;
    const frontier = new Proxy(store.frontier, {
      get: (target, name: keyof Frontier) => {
        const call = target[name] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) =>
          isAway ? Promise.reject(new OrbweaverError('STORE_UNAVAILABLE', 'away')) : call.apply(target, args);
      },
    });
    const running = crawlerOn(storeOf(frontier)).run(task({ maxPages: 900, maxDepth: 1_000 }), forever());
    await until(() => site.paths.length > 200);
    isAway = true;
    await until(() => site.openCount === 0);
    isAway = false;
    expect(await running).toBe('done');
    expect(new Set(site.paths).size).toBe(900);
    expect(site.paths).toHaveLength(900);
    expect(await items()).toHaveLength(900);
  });

  it('comes through a storm of 503, which hurts no other host', async () => {
    const stormy = await TestSite.open();
    const serve = endless();
    stormy.otherwise = (request, response) => {
      if (stormy.paths.length > 0 && stormy.paths.length < 6) response.writeHead(503).end();
      else serve(request, response);
    };
    site.otherwise = endless();
    const patient = crawlerOn(store, { firstPauseMs: 10, longestPauseMs: 50 });
    const inStorm = {
      seeds: [stormy.url('/')],
      maxPages: 30,
      maxDepth: 9,
      retries: { max: 20, delay: '10ms' },
    };
    const running = patient.run(task(inStorm, { name: 'storm' }), forever());
    expect(await patient.run(task({ maxPages: 50, maxDepth: 9 }), forever())).toBe('done');
    expect(await running).toBe('done');
    expect(await crawler.progress('storm')).toMatchObject({ doneCount: 30, failedCount: 0 });
    await stormy.close();
  });

  it('says that it waits for a store that takes its time', async () => {
    site.pages = { '/': 'x' };
    let proceed: (() => void) | undefined;
    const ack: Frontier['ack'] = store.frontier.ack.bind(store.frontier);
    store.frontier.ack = async (claim, batch) => {
      if (proceed === undefined) await new Promise<void>((resolve) => (proceed = resolve));
      return ack(claim, batch);
    };
    const running = crawler.run(task(), forever());
    await until(() => crawler.waits('task').some((wait) => wait.for === 'store'));
    expect(crawler.waits('task')[0]).toEqual({
      host: '',
      for: 'store',
      forMs: 0,
      reason: expect.stringMatching(/^it has taken nothing for \d+ s$/),
    });
    proceed?.();
    expect(await running).toBe('done');
  });

  it('shows the hosts that a task is at: what it has of them in hand, how fast it may ask, why it does not', async () => {
    const asked: (() => void)[] = [];
    site.pages = {
      '/robots.txt': 'User-agent: *\nCrawl-delay: 0.2\nDisallow: /private',
      '/': (_, response) => void asked.push(() => response.end('x')),
    };
    const seeds = [site.url('/'), site.url('/next'), `http://${NOBODY}/`];
    expect(crawler.hosts('task')).toEqual([]);
    const stop = new AbortController();
    const running = crawler.run(task({ seeds }), tenureOf(stop.signal));
    await until(() => asked.length > 0 && crawler.hosts('task').some(({ failureCount }) => failureCount > 1));
    const hosts = crawler.hosts('task').sort((a, b) => a.failureCount - b.failureCount);
    expect(hosts).toMatchObject([
      { host: site.host, inHandCount: 2, openCount: 1, delayMs: 200, concurrency: 1, failureCount: 0 },
      { host: NOBODY, inHandCount: 1, openCount: 0, delayMs: 0, robots: 'unknown' },
    ]);
    expect(hosts[0]?.robots).toBe('forbids some');
    stop.abort();
    await running;
    expect(crawler.hosts('task')).toEqual([]);
  });

  it('hurts no other task with a page of 100,000 links', async () => {
    site.pages = {
      '/many': Array.from({ length: 100_000 }, (_, index) => `<a href="/many/${index}">x</a>`).join(''),
    };
    site.otherwise = endless();
    const [many, other] = await Promise.all([
      crawler.run(task({ seeds: [site.url('/many')], maxPages: 50 }), forever()),
      crawler.run(task({ maxPages: 50, maxDepth: 50 }, { name: 'other' }), forever()),
    ]);
    expect([many, other]).toEqual(['done', 'done']);
  });

  it('crawls 64 tasks at once', async () => {
    site.otherwise = endless();
    const tasks = Array.from({ length: 64 }, (_, index) =>
      task({ maxPages: 10, maxDepth: 20 }, { name: `t${index}` }),
    );
    const outcomes = await Promise.all(tasks.map((each) => crawler.run(each, forever())));
    expect(new Set(outcomes)).toEqual(new Set(['done']));
    expect(site.paths).toHaveLength(640);
  });

  function storeWith(change: Partial<Frontier>): CrawlStore {
    const frontier = Object.assign(Object.create(store.frontier) as Frontier, change);
    for (const name of ['claim', 'hosts', 'take', 'release', 'failHost', 'finish'] as const) {
      Object.assign(frontier, { [name]: store.frontier[name].bind(store.frontier) });
    }
    return storeOf(frontier);
  }

  function storeOf(frontier: Frontier): CrawlStore {
    const { gates, results, outbox, logs } = store;
    return { frontier, gates, results, outbox, logs, close: () => store.close() };
  }

  function forever(): Tenure {
    return tenureOf(new AbortController().signal);
  }

  function tenureOf(signal: AbortSignal): Tenure {
    return { signal, holds: () => !signal.aborted };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 60_000; !condition();) {
      if (performance.now() > deadline) throw new Error('waited in vain');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});

/** A host that refuses every connection: the port is one that nobody is given. */
const NOBODY = '127.0.0.1:1';

/** Page N links to the pages 3N+1 to 3N+3, for ever. */
function endless(): Handler {
  return (request, response) => {
    const number = Number(request.url?.slice(1) || 0);
    const links = [1, 2, 3].map((step) => `<a href="/${3 * number + step}">x</a>`).join('');
    if (Number.isNaN(number)) response.writeHead(404).end();
    else
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Page ${number}</title>${links}`);
  };
}

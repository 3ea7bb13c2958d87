import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Crawler, MemoryCrawlStore } from '@app/crawl';
import { HttpFetcher } from '@app/fetch';
import { until } from '../../../../test/support/until.js';
import { PageTrials } from './page-trials.js';

const NEVER = new AbortController().signal;

describe('a page that a spec is tried on', () => {
  const asked: { path: string; at: number }[] = [];
  let robots = '';
  let held: ServerResponse[] = [];
  let server: Server;
  let site: string;
  let store: MemoryCrawlStore;
  let closings: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      asked.push({ path: url, at: performance.now() });
      const html = { 'content-type': 'text/html' };
      if (url === '/robots.txt') response.writeHead(robots === '' ? 404 : 200).end(robots);
      else if (url === '/held') held.push(response);
      else if (url === '/busy') response.writeHead(429).end();
      else {
        const books = [1, 2, 3].map((n) => `<li><a href="/book/${n}">Book ${n}</a></li>`);
        response.writeHead(200, html).end(`<title>Shop</title><ul>${books.join('')}</ul>`);
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  beforeEach(() => {
    asked.length = 0;
    robots = '';
    held = [];
    store = new MemoryCrawlStore();
  });
  afterEach(async () => {
    await Promise.all(closings.splice(0).map((close) => close()));
  });

  function crawlerOf(holder: string, allowPrivate = true): Crawler {
    const http = new HttpFetcher({ allowPrivate });
    const crawler = new Crawler({ store, fetchers: { http }, holder });
    closings.push(() => crawler.close().then(() => http.close()));
    return crawler;
  }

  function tried(
    spec: object,
    { url = '', rule = '', carry = '', signal = NEVER, trials = trialsOf() } = {},
  ) {
    return trials.try({ spec: JSON.stringify(spec), url, rule, carry }, signal);
  }

  const trialsOf = (timeoutMs?: number) => new PageTrials(crawlerOf('a').singles, timeoutMs);
  const spec = (more: object = {}) => ({
    seeds: [`${site}/list`],
    delay: '0s',
    rules: {
      list: {
        follow: [{ select: 'li a', to: 'book' }],
        each: 'li',
        fields: { title: 'a', price: { css: '.price' } },
      },
      book: { fields: { title: 'h1' } },
    },
    ...more,
  });

  it('is read, and nothing of it is stored', async () => {
    const page = await tried(spec());
    expect(page).toMatchObject({
      asked: `${site}/list`,
      url: `${site}/list`,
      status: 200,
      rule: 'list',
      title: 'Shop',
      allowed: true,
      error: '',
      itemCount: 3,
      linkCount: 3,
      items: ['{"title":"Book 1","price":null}', expect.any(String), expect.any(String)],
      fields: [
        {
          name: 'title',
          place: 'a',
          required: false,
          values: ['"Book 1"', '"Book 2"', '"Book 3"'],
          missCount: 0,
        },
        { name: 'price', missCount: 3, miss: 'nothing is there' },
      ],
      follows: [{ to: 'book', count: 3, leftOutCount: 0 }],
    });
    expect(asked.map(({ path }) => path)).toEqual(['/robots.txt', '/list']);
    expect(await store.results.progress('list')).toBeUndefined();
  });

  it('has what the link to it would carry, if that is given', async () => {
    const rules = { book: { fields: { title: 'title', shelf: { carried: 'shelf' } } } };
    const bare = await tried(spec({ rules }));
    expect(bare.fields[1]).toMatchObject({ miss: 'comes with the link that leads here: give it with carry' });
    const { items } = await tried(spec({ rules }), { carry: '{"shelf":{"floor":2}}' });
    expect(JSON.parse(items[0] ?? '')).toEqual({ title: 'Shop', shelf: { floor: 2 } });
  });

  it('is left alone where robots.txt forbids it', async () => {
    robots = 'User-agent: *\nDisallow: /list';
    expect(await tried(spec())).toMatchObject({ allowed: false, error: expect.stringContaining('forbids') });
    expect(asked.map(({ path }) => path)).toEqual(['/robots.txt']);
  });

  it('is refused where the worker may not go', async () => {
    const trials = new PageTrials(crawlerOf('a', false).singles);
    const { status, error } = await tried(spec({ robots: 'ignore' }), { trials });
    expect([status, error, asked]).toEqual([0, expect.stringContaining('address'), []]);
  });

  it('waits for the gate of its host, also where another worker has it', async () => {
    const [one, two] = [new PageTrials(crawlerOf('a').singles), new PageTrials(crawlerOf('b').singles)];
    const polite = spec({ robots: 'ignore', delay: '400ms' });
    await Promise.all([one, two, one].map((trials) => tried(polite, { trials })));
    const gaps = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
    expect(asked).toHaveLength(3);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(390);
  });

  it('that its host asks to be spared is told so, and the host is spared', async () => {
    const trials = trialsOf();
    const busy = spec({ robots: 'ignore' });
    expect(await tried(busy, { url: `${site}/busy`, trials })).toMatchObject({
      error: expect.stringContaining('HTTP 429'),
    });
    await tried(busy, { trials });
    const [first, second] = asked;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(900);
  });

  it('that is not there in time is given up', async () => {
    const trial = tried(spec({ robots: 'ignore' }), { url: `${site}/held`, trials: trialsOf(200) });
    await expect(trial).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('is given up when nobody waits for it any more', async () => {
    const gone = new AbortController();
    const trial = tried(spec({ robots: 'ignore' }), { url: `${site}/held`, signal: gone.signal });
    const failure = trial.catch((error: unknown) => error);
    await until(() => held.length === 1, { what: 'it is asked for' });
    gone.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
  });

  it('is one of a few at a time', async () => {
    const trials = trialsOf();
    const gone = new AbortController();
    const many = Array.from({ length: 8 }, () =>
      tried(spec({ robots: 'ignore' }), { url: `${site}/held`, signal: gone.signal, trials }),
    );
    await expect(tried(spec(), { trials })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    gone.abort();
    expect((await Promise.allSettled(many)).every(({ status }) => status === 'rejected')).toBe(true);
    expect((await tried(spec(), { trials })).error).toBe('');
  });

  it.each([
    ['{"seeds":', {}, 'not valid JSON'],
    ['{"seed":["http://x.test/"],"maxDepth":-1}', {}, 'is "seeds" meant?'],
    ['{"seeds":["http://x.test/"]}', { rule: 'novel' }, 'the task has no rule "novel"'],
    ['{"seeds":["http://x.test/"]}', { url: 'http://' }, 'is not a URL'],
    ['{"seeds":["http://x.test/"]}', { carry: '{"tag"' }, 'carry is not valid JSON'],
    ['{"seeds":["http://x.test/"]}', { carry: '7' }, 'carry is a JSON object'],
  ])('of a wrong spec (%s, %j) is not asked for', async (text, more, message) => {
    const trial = trialsOf().try({ spec: text, url: '', rule: '', carry: '', ...more }, NEVER);
    await expect(trial).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });
});

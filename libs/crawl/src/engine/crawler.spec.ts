import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { HttpFetcher } from '../fetch/http-fetcher.js';
import { MemoryPageStore } from '../frontier/memory-page-store.js';
import type { FinishedPage, PageStore } from '../frontier/page-store.js';
import { parseTaskSpec } from '@app/tasks';
import type { Task, Tenure } from '../task/task-runner.js';
import { Crawler } from './crawler.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A site on loopback that notes what is asked of it. */
class Site {
  readonly requests: { path: string; at: number; headers: IncomingMessage['headers'] }[] = [];
  openCount = 0;
  mostOpenCount = 0;
  pages: Record<string, string | Handler> = {};
  #server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    this.requests.push({ path, at: performance.now(), headers: request.headers });
    this.mostOpenCount = Math.max(this.mostOpenCount, ++this.openCount);
    response.once('close', () => this.openCount--);
    const page = this.pages[path];
    if (typeof page === 'function') page(request, response);
    else if (page === undefined) response.writeHead(404).end('no');
    else response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });

  async open(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  get paths(): string[] {
    return this.requests.map(({ path }) => path).filter((path) => path !== '/robots.txt');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}

describe('the crawler', () => {
  let site: Site;
  let store: MemoryPageStore;
  let fetcher: HttpFetcher;
  let crawler: Crawler;
  beforeEach(async () => {
    site = await new Site().open();
    store = new MemoryPageStore();
    fetcher = new HttpFetcher();
    crawler = new Crawler({ store, fetcher });
  });
  afterEach(async () => {
    await fetcher.close();
    await site.close();
  });

  const task = (spec: object = {}, change: Partial<Task> = {}): Task => ({
    name: 'task',
    id: '1',
    epoch: 1n,
    spec: parseTaskSpec({ seeds: [site.url('/')], delay: 0, ...spec }),
    ...change,
  });
  const pages = async (): Promise<Record<string, Partial<FinishedPage>>> => {
    const all = await store.pages('task', 0, 1_000);
    return Object.fromEntries(all.map((page) => [page.url.replace(site.url(''), ''), page]));
  };

  it('follows links on the host of the seed, to the depth that is asked for, each page once', async () => {
    site.pages = {
      '/': `<title>Home</title><a href="/a">a</a><a href="/b#x">b</a><a href="http://elsewhere.test/">e</a>`,
      '/a': '<title>A</title><a href="/b">b</a><a href="/">home</a><a href="/deep">deep</a>',
      '/b': '<a href="/a">a</a>',
      '/deep': '<a href="/deeper">deeper</a>',
    };
    expect(await crawler.run(task({ maxDepth: 2 }), forever())).toBe('done');
    expect(site.paths).toEqual(['/', '/a', '/b', '/deep']);
    expect(await pages()).toMatchObject({
      '/': { state: 'done', status: 200, title: 'Home', depth: 0, bytes: (site.pages['/'] as string).length },
      '/deep': { depth: 2 },
    });
    expect(await crawler.progress('task')).toMatchObject({ state: 'done', doneCount: 4, queuedCount: 0 });
  });

  it('stops at the number of pages that is asked for', async () => {
    site.pages = { '/': Array.from({ length: 50 }, (_, index) => `<a href="/${index}">x</a>`).join('') };
    await crawler.run(task({ maxPages: 7 }), forever());
    expect(site.paths).toHaveLength(7);
  });

  it('does nothing for a task that is done', async () => {
    site.pages = { '/': 'x' };
    expect(await crawler.isDone(task())).toBe(false);
    await crawler.run(task(), forever());
    expect(await crawler.run(task({}, { epoch: 2n }), forever())).toBe('done');
    expect(site.paths).toEqual(['/']);
    expect(await crawler.isDone(task({}, { epoch: 3n }))).toBe(true);
    expect(await crawler.isDone(task({ maxDepth: 1 }))).toBe(false);
    expect(await crawler.isDone(task({}, { id: '2' }))).toBe(false);
  });

  it('keeps to one request at a time and the delay between starts, for all tasks together', async () => {
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
    // The server notes a request a little later than it was sent, once more, once less.
    for (const gap of gaps) expect(gap).toBeGreaterThan(30);
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

  it('fetches nothing of a host whose robots.txt cannot be had, and says so', async () => {
    site.pages = { '/robots.txt': (_, response) => void response.writeHead(500).end(), '/': 'x' };
    const stop = new AbortController();
    const running = crawler.run(task(), tenureOf(stop.signal));
    await until(() => site.requests.length === 1);
    stop.abort();
    expect(await running).toBe('stopped');
    expect(site.paths).toEqual([]);
  });

  it('takes the target of a redirect for a page of its own, fetched once', async () => {
    const to = (location: string, status = 302): Handler => {
      return (_, response) => void response.writeHead(status, { location }).end('moved');
    };
    site.pages = {
      '/': '<a href="/old">1</a><a href="/older">2</a><a href="/off">3</a><a href="/self">4</a><a href="/bad">5</a>',
      '/old': to('/new', 301),
      '/older': to('new'),
      '/new': '<title>New</title>',
      '/off': to('http://elsewhere.test/x'),
      '/self': to('/self#here'),
      '/bad': to('mailto:a@b.test'),
    };
    await crawler.run(task(), forever());
    expect(site.paths.filter((path) => path === '/new')).toHaveLength(1);
    expect(await pages()).toMatchObject({
      '/old': { state: 'redirected', status: 301, error: '' },
      '/older': { state: 'redirected', status: 302 },
      '/new': { state: 'done', title: 'New', depth: 1 },
      '/off': { state: 'failed', status: 302, error: 'redirects to another host: http://elsewhere.test/x' },
      '/self': { state: 'failed', error: 'redirects to itself' },
      '/bad': { state: 'failed', error: 'redirects to what is no http(s) URL: mailto:a@b.test' },
    });
  });

  it('gives up a chain of more than 10 redirects', async () => {
    for (let hop = 0; hop < 20; hop++) {
      site.pages[`/${hop}`] = (_, response) =>
        void response.writeHead(307, { location: `/${hop + 1}` }).end();
    }
    await crawler.run(task({ seeds: [site.url('/0')] }), forever());
    expect(site.paths).toHaveLength(11);
    expect((await pages())['/10']).toMatchObject({ error: 'more than 10 redirects in a row' });
  });

  it('records a page that fails with its reason, and goes on', async () => {
    const big = 10 * 1024 * 1024;
    site.pages = {
      '/': ['gone', 'big', 'stream', 'packed', 'odd', 'fine']
        .map((path) => `<a href="/${path}">x</a>`)
        .join(''),
      '/gone': (_, response) => void response.writeHead(410).end('gone'),
      '/big': (_, response) => void response.writeHead(200, { 'content-length': big + 1 }).write('x'),
      '/stream': (_, response) => void response.writeHead(200).end(Buffer.alloc(big + 1)),
      '/packed': (_, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(big + 1))),
      '/odd': (_, response) => void response.writeHead(200, { 'content-encoding': 'odd' }).end('x'),
      '/fine': 'x',
    };
    await crawler.run(task(), forever());
    const tooLong = { state: 'failed', status: 200, error: `the body is longer than ${big} bytes` };
    expect(await pages()).toMatchObject({
      '/gone': { state: 'failed', status: 410, error: 'HTTP 410' },
      '/big': tooLong,
      '/stream': tooLong,
      '/packed': tooLong,
      '/odd': { state: 'failed', error: 'the content encoding is not known' },
      '/fine': { state: 'done' },
    });
  });

  it('reads compressed pages', async () => {
    const html = Buffer.from('<title>Ä</title>');
    const send = (encoding: string, body: Buffer): Handler => {
      return (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': encoding }).end(body);
    };
    site.pages = {
      '/': '<a href="/gz">1</a><a href="/br">2</a><a href="/both">3</a>',
      '/gz': send('gzip', gzipSync(html)),
      '/br': send('br', brotliCompressSync(html)),
      '/both': send('gzip, br', brotliCompressSync(gzipSync(html))),
    };
    await crawler.run(task(), forever());
    const title = { title: 'Ä', bytes: html.length };
    expect(await pages()).toMatchObject({ '/gz': title, '/br': title, '/both': title });
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

  it('says who it is', async () => {
    await crawler.run(task({ userAgent: 'Mine/2.0 (+http://site.test)' }), forever());
    expect(new Set(site.requests.map(({ headers }) => headers['user-agent']))).toEqual(
      new Set(['Mine/2.0 (+http://site.test)']),
    );
  });

  it('goes on on another worker where it stopped, and fetches again only what was in flight', async () => {
    site.pages = { '/': Array.from({ length: 20 }, (_, index) => `<a href="/${index}">x</a>`).join('') };
    for (let index = 0; index < 20; index++) site.pages[`/${index}`] = 'x';
    site.pages['/7'] = () => {}; // never answers
    const stop = new AbortController();
    const first = crawler.run(task(), tenureOf(stop.signal));
    await until(() => site.paths.includes('/7'));
    stop.abort();
    expect(await first).toBe('stopped');
    expect(await crawler.progress('task')).toMatchObject({ state: 'open', doneCount: 8, queuedCount: 13 });

    site.pages['/7'] = 'x';
    const second = new Crawler({ store, fetcher });
    expect(await second.run(task({}, { epoch: 2n }), forever())).toBe('done');
    const twice = site.paths.filter((path, index) => site.paths.indexOf(path) !== index);
    expect(twice).toEqual(['/7']);
  });

  it('stops as superseded when a newer owner has claimed the task', async () => {
    let release: (() => void) | undefined;
    site.pages = { '/': (_, response) => void (release = () => response.end('x')) };
    const old = crawler.run(task(), forever());
    await until(() => release !== undefined);
    await store.claim({
      resource: 'task',
      resourceId: '1',
      epoch: 2n,
      specHash: 'x',
      seeds: [],
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
    const broken: PageStore = Object.assign(Object.create(store) as PageStore, {
      claim: store.claim.bind(store),
      take: store.take.bind(store),
      release: store.release.bind(store),
      ack: () => Promise.reject(new Error('the disk is full')),
    });
    site.pages = { '/': 'x' };
    await expect(new Crawler({ store: broken, fetcher }).run(task(), forever())).rejects.toThrow(
      'the disk is full',
    );
    expect(site.openCount).toBe(0);
  });

  function forever(): Tenure {
    return tenureOf(new AbortController().signal);
  }

  function tenureOf(signal: AbortSignal): Tenure {
    return { signal, holds: () => !signal.aborted };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 5_000; !condition();) {
      if (performance.now() > deadline) throw new Error('waited in vain');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});

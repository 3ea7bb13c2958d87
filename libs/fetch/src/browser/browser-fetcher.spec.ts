import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { CookieJar } from 'tough-cookie';
import { describeSkipped } from '../../../../test/support/skip.js';
import { until } from '../../../../test/support/until.js';
import { startHttpProxy, startSocksProxy } from '../../../../test/support/web-proxies.js';
import type { FetchAnswer, FetchRequest } from '../fetcher.js';
import { BrowserFetcher } from './browser-fetcher.js';
import { findChromium } from './chromium.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const chromium = findChromium(process.env['ORBWEAVER_CHROMIUM']);

const define = (): void => {
  let fetcher: BrowserFetcher;
  let server: Server;
  let origin: string;
  let handler: Handler;

  beforeAll(async () => {
    fetcher = new BrowserFetcher({ allowPrivate: true, chromium, maxPages: 2 });
    server = createServer((request, response) => handler(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await fetcher.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = (path: string, over: Partial<FetchRequest> = {}, by = fetcher): Promise<FetchAnswer> =>
    by.fetch({
      url: new URL(path, origin).href,
      userAgent: 'orbweaver-test/1',
      accept: '*/*',
      headers: {},
      cookies: undefined,
      etag: '',
      lastModified: '',
      timeoutMs: 60_000,
      maxBytes: 1 << 20,
      beyond: 'refuse',
      proxies: [],
      signal: new AbortController().signal,
      maySend: () => true,
      ...over,
    });

  const serve =
    (pages: Record<string, string>): Handler =>
    (request, response) => {
      const page = pages[request.url ?? ''];
      response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=gbk' });
      response.end(page ?? 'nothing');
    };

  const htmlOf = (answer: FetchAnswer): string => {
    if (answer.kind !== 'answer') throw new Error(answer.reason);
    return answer.body.toString();
  };

  it('gives the page as it is after its scripts have run', async () => {
    let seen: IncomingMessage['headers'] = {};
    handler = (request, response) => {
      if (request.url === '/') seen = request.headers;
      const isData = request.url === '/data';
      response.setHeader('content-type', isData ? 'application/json' : 'text/html');
      response.setHeader('etag', '"1"');
      const script = `fetch('/data').then((r) => r.json()).then((d) => { document.body.textContent = d.text; });`;
      response.end(
        isData ? '{"text": "später – 书"}' : `<title>a</title><body>soon<script>${script}</script>`,
      );
    };
    const answer = await get('/', { headers: { 'X-Task': 'books' }, etag: '"0"' });
    expect(answer).toMatchObject({
      status: 200,
      mediaType: 'text/html',
      contentType: 'text/html; charset=utf-8',
      etag: '"1"',
    });
    expect(htmlOf(answer)).toContain('<body>später – 书</body>');
    expect(seen).toMatchObject({
      'user-agent': 'orbweaver-test/1',
      'x-task': 'books',
      'if-none-match': '"0"',
    });
  });

  it('takes redirects for answers, by the server or by a script, and does not follow them', async () => {
    const seen: string[] = [];
    handler = (request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/moved') response.writeHead(301, { location: '/elsewhere' }).end();
      else
        response.setHeader('content-type', 'text/html').end('<script>location.href = "/elsewhere";</script>');
    };
    expect(await get('/moved')).toMatchObject({
      kind: 'answer',
      status: 301,
      location: `${origin}/elsewhere`,
    });
    expect(await get('/script')).toMatchObject({
      kind: 'answer',
      status: 302,
      location: `${origin}/elsewhere`,
    });
    expect(seen.filter((path) => path === '/elsewhere')).toEqual([]);
  });

  it('lets a page ask for itself again once it has its cookie', async () => {
    handler = (request, response) => {
      const isKnown = request.headers.cookie?.includes('known=1') === true;
      response.setHeader('content-type', 'text/html');
      response.end(isKnown ? 'welcome' : '<script>document.cookie = "known=1"; location.reload();</script>');
    };
    const cookies = new CookieJar();
    expect(htmlOf(await get('/gate', { cookies }))).toContain('welcome');
    expect(cookies.getCookieStringSync(origin)).toBe('known=1');
  });

  it('refuses a page that asks for itself without end', async () => {
    handler = serve({ '/': '<script>location.reload();</script>' });
    expect(await get('/')).toMatchObject({
      kind: 'refused',
      reason: 'the page asks for itself again and again',
    });
  });

  it('takes the cookies of its task in, and no other page sees them', async () => {
    handler = (request, response) => {
      response.setHeader('content-type', 'text/html').setHeader('set-cookie', 'new=2; HttpOnly');
      response.end(`cookies: ${request.headers.cookie ?? 'none'}`);
    };
    const cookies = new CookieJar();
    cookies.setCookieSync('old=1; Path=/', origin);
    expect(htmlOf(await get('/', { cookies }))).toContain('cookies: old=1');
    expect(cookies.getCookieStringSync(origin)).toBe('old=1; new=2');
    expect(htmlOf(await get('/'))).toContain('cookies: none');
  });

  it('gives errors without a body, and what is no page as it is', async () => {
    handler = (request, response) => {
      if (request.url === '/404') response.writeHead(404, { 'content-type': 'text/html' }).end('<p>no');
      if (request.url === '/304') response.writeHead(304, { etag: '"1"' }).end();
      if (request.url === '/json')
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"a": 1}');
      const file = { 'content-type': 'text/html', 'content-disposition': 'attachment; filename=a.html' };
      if (request.url === '/file') response.writeHead(200, file).end('<p>file');
    };
    expect(await get('/404')).toMatchObject({ kind: 'answer', status: 404, body: Buffer.alloc(0) });
    expect(await get('/304', { etag: '"1"' })).toMatchObject({ kind: 'answer', status: 304 });
    expect(await get('/json')).toMatchObject({
      kind: 'answer',
      mediaType: 'application/json',
      body: Buffer.from('{"a": 1}'),
    });
    expect(await get('/file')).toMatchObject({ kind: 'answer', status: 200, body: Buffer.from('<p>file') });
  });

  it('refuses a page that grows too long, or takes its beginning', async () => {
    handler = serve({ '/': '<body><script>document.body.textContent = "x".repeat(100000);</script>' });
    expect(await get('/', { maxBytes: 50_000 })).toMatchObject({
      kind: 'refused',
      status: 200,
      reason: 'the body is longer than 50000 bytes',
    });
    expect(htmlOf(await get('/', { maxBytes: 50_000, beyond: 'cut' }))).toHaveLength(50_000);
  });

  it('says why there was no page', async () => {
    const shortened = 'HTTP/1.1 200 x\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort';
    for (const answer of ['', 'HTTP/1.1 000 x\r\n\r\n', 'nonsense', shortened]) {
      handler = (request) => request.socket.end(answer);
      expect(await get('/')).toEqual({
        kind: 'unreachable',
        reason: expect.stringMatching(
          /^the connection was closed|the body is not as long as its header says/,
        ),
      });
    }
    expect(await get(origin.replace('http:', 'https:'))).toEqual({
      kind: 'unreachable',
      reason: 'TLS: the server does not speak TLS',
    });
    expect(await get('http://127.0.0.1:1/')).toMatchObject({
      kind: 'unreachable',
      reason: 'the browser says: unsafe port',
    });
    expect(await get('http://nowhere.invalid/')).toEqual({
      kind: 'unreachable',
      reason: expect.stringMatching(/^there is no such host|the name server did not answer$/),
    });
    const none = new BrowserFetcher({ allowPrivate: true, chromium: '/no/such/program' });
    expect(await get('/', {}, none)).toMatchObject({
      kind: 'refused',
      reason: '/no/such/program is not a program: the browser is set to it',
    });
  });

  it('gives up a page that never comes to rest when its time is over, and the next one is well', async () => {
    handler = serve({ '/loop': '<script>for (;;);</script>', '/next': 'fine' });
    expect(await get('/loop', { timeoutMs: 1_500 })).toEqual({
      kind: 'unreachable',
      reason: 'timed out after 1500 ms in the browser',
    });
    expect(htmlOf(await get('/next'))).toContain('fine');
  });

  it('stops when the signal fires, also while it waits for its turn', async () => {
    handler = () => {};
    const abort = new AbortController();
    const fetches = Array.from({ length: 4 }, () => get('/', { signal: abort.signal }));
    abort.abort();
    for (const fetch of fetches) await expect(fetch).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('asks right before the request leaves whether it may', async () => {
    let seenCount = 0;
    handler = (_request, response) => {
      seenCount += 1;
      response.end();
    };
    let asked = 0;
    let sent = 0;
    const answer = get('/', { maySend: () => (asked += 1) === 1, onSend: () => (sent += 1) });
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect({ sent, seenCount }).toEqual({ sent: 0, seenCount: 0 });
  });

  it('starts the browser again when it has crashed', async () => {
    handler = (request, response) => {
      if (request.url === '/next') response.setHeader('content-type', 'text/html').end('fine');
    };
    let hasLeft = false;
    const hanging = get('/hangs', { onSend: () => (hasLeft = true) });
    await until(() => hasLeft, { what: 'the page is asked for' });
    const { stdout } = await promisify(execFile)('pgrep', [
      '-P',
      String(process.pid),
      '-f',
      'remote-debugging',
    ]);
    for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    expect(await hanging).toMatchObject({
      kind: 'unreachable',
      reason: 'the browser crashed',
    });
    expect(htmlOf(await get('/next'))).toContain('fine');
  });

  it('goes through the proxies of its task', async () => {
    handler = serve({ '/': 'proxied' });
    for (const start of [startHttpProxy, startSocksProxy]) {
      const proxy = await start({ credentials: 'me:right' });
      try {
        expect(htmlOf(await get('/', { proxies: [proxy.url] }))).toContain('proxied');
        expect(proxy.seen.length).toBeGreaterThan(0);
      } finally {
        await proxy.close();
      }
    }
    expect(await get('/', { proxies: ['socks5://127.0.0.1:1'] })).toEqual({
      kind: 'unreachable',
      reason: 'the proxy 127.0.0.1:1: the connection was refused',
    });
  });

  describe('with pages that want to reach what is not public', () => {
    /** Answers for every host of the web with the same page, which is not loaded before it asks for /done. */
    const pretend = async (
      page: string,
    ): Promise<{ url: string; seen: string[]; close: () => Promise<void> }> => {
      const seen: string[] = [];
      let held: ServerResponse | undefined;
      const proxy = createServer((request, response) => {
        seen.push(request.url ?? '');
        response.setHeader('content-type', 'text/html');
        if (request.url?.endsWith('/done')) held?.end();
        if (request.url?.endsWith('/held')) held = response;
        else response.end(page);
      });
      proxy.on('connect', (request, socket) => {
        seen.push(request.url ?? '');
        socket.destroy();
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      return {
        url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        seen,
        close: () => {
          proxy.closeAllConnections();
          return new Promise((resolve) => proxy.close(() => resolve()));
        },
      };
    };

    let guarded: BrowserFetcher;
    beforeAll(() => {
      guarded = new BrowserFetcher({ allowPrivate: false, chromium });
    });
    afterAll(() => guarded.close());

    it('refuses the page itself', async () => {
      handler = serve({ '/': 'secret' });
      expect(await get('/', {}, guarded)).toEqual({
        kind: 'refused',
        status: 0,
        reason: '127.0.0.1 is not a public address, and --allow-private is not set',
        bytes: 0,
      });
    });

    it('refuses what its scripts, frames and sockets ask for', async () => {
      let connectionCount = 0;
      server.on('connection', () => (connectionCount += 1));
      handler = (_request, response) => {
        response.setHeader('access-control-allow-origin', '*').end('secret');
      };
      const { port } = server.address() as AddressInfo;
      const stun = createSocket('udp4');
      let datagramCount = 0;
      stun.on('message', () => (datagramCount += 1));
      stun.bind(0, '127.0.0.1');
      await once(stun, 'listening');
      const web = await pretend(`<body><p>page</p>
        <script src="http://127.0.0.1:${port}/script"></script>
        <iframe src="http://localhost:${port}/frame"></iframe>
        <script>
          const tries = [];
          for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::ffff:127.0.0.1]']) {
            tries.push(fetch('http://' + host + ':${port}/fetch', { mode: 'no-cors' }).then(() => 'in', () => 'out'));
            tries.push(new Promise((resolve) => {
              const socket = new WebSocket('ws://' + host + ':${port}/socket');
              socket.onopen = () => resolve('in');
              socket.onerror = () => resolve('out');
            }));
          }
          const turn = { urls: 'turn:127.0.0.1:${port}?transport=tcp', username: 'a', credential: 'b' };
          const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${stun.address().port}' }, turn] });
          peer.createDataChannel('a');
          peer.createOffer().then((offer) => peer.setLocalDescription(offer));
          Promise.all(tries).then((all) => {
            document.body.append('tried: ' + all.join(' '));
            setTimeout(() => fetch('/done'), 1000);
          });
        </script>
        <script async src="/held"></script>`);
      try {
        const html = htmlOf(await get('http://93.184.215.14/', { proxies: [web.url] }, guarded));
        expect(html).toMatch(/tried:( out){10}/);
        expect({ connectionCount, datagramCount }).toEqual({ connectionCount: 0, datagramCount: 0 });
        expect(web.seen.filter((url) => !url.startsWith('http://93.184.215.14/'))).toEqual([]);
      } finally {
        stun.close();
        await web.close();
      }
    });
  });
};

if (chromium === undefined) describeSkipped('BrowserFetcher', 'there is no Chromium on this machine', define);
else
  describe('BrowserFetcher', () => {
    define();
  });

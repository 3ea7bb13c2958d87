import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { CookieJar } from 'tough-cookie';
import { until } from '../../../test/support/until.js';
import type { FetchAnswer, FetchRequest } from './fetcher.js';
import { HttpFetcher } from './http-fetcher.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('HttpFetcher', () => {
  let fetcher: HttpFetcher;
  let server: Server;
  let handler: Handler;
  let origin: string;

  beforeEach(async () => {
    fetcher = new HttpFetcher({ allowPrivate: true });
    server = createServer((request, response) => handler(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    await fetcher.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = (over: Partial<FetchRequest> = {}): Promise<FetchAnswer> =>
    fetcher.fetch({
      url: `${origin}/`,
      userAgent: 'orbweaver-test/1',
      accept: 'text/html, */*;q=0.1',
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

  it('gives the page with what its head says', async () => {
    let seen: IncomingMessage['headers'] = {};
    handler = (request, response) => {
      seen = request.headers;
      response.setHeader('content-type', 'Text/HTML; charset=utf-8');
      response.setHeader('etag', '"1"');
      response.setHeader('last-modified', 'Sun, 22 Nov 2026 10:00:00 GMT');
      response.end('<p>hello</p>');
    };
    const answer = await get({ headers: { 'X-Task': 'books', Accept: 'text/html' } });
    expect(answer).toEqual({
      kind: 'answer',
      status: 200,
      mediaType: 'text/html',
      contentType: 'Text/HTML; charset=utf-8',
      body: Buffer.from('<p>hello</p>'),
      location: undefined,
      retryAfterMs: undefined,
      etag: '"1"',
      lastModified: 'Sun, 22 Nov 2026 10:00:00 GMT',
    });
    expect(seen).toMatchObject({
      'user-agent': 'orbweaver-test/1',
      accept: 'text/html',
      'x-task': 'books',
      'accept-encoding': 'gzip, deflate, br, zstd',
    });
  });

  it('takes redirects for answers', async () => {
    handler = (_request, response) => {
      response.writeHead(302, { location: '/caf\xc3\xa9?a=b' }).end('moved');
    };
    expect(await get()).toMatchObject({
      kind: 'answer',
      status: 302,
      location: `${origin}/caf%C3%A9?a=b`,
      body: Buffer.alloc(0),
    });
  });

  it('gives no target for a redirect that leads nowhere', async () => {
    handler = (_request, response) => {
      response.writeHead(301, { location: 'http://' }).end();
    };
    expect(await get()).toMatchObject({ kind: 'answer', status: 301, location: undefined });
  });

  it('keeps the connection after an answer whose body it does not want', async () => {
    const ports: (number | undefined)[] = [];
    handler = (request, response) => {
      ports.push(request.socket.remotePort);
      response.writeHead(404).end('x'.repeat(10_000));
    };
    // A connection is free again a turn of the event loop later, or two.
    const isReused = await until(() => get().then(() => new Set(ports).size < ports.length), {
      what: 'a connection is used again',
    });
    expect(isReused).toBe(true);
  });

  it('does not read what can hold no text', async () => {
    handler = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'image/png' }).end('png');
    expect(await get()).toMatchObject({ kind: 'answer', mediaType: 'image/png', body: Buffer.alloc(0) });
    handler = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('svg');
    expect(await get()).toMatchObject({ kind: 'answer', body: Buffer.from('svg') });
  });

  it('says what is wrong with a request that cannot be sent', async () => {
    expect(await get({ headers: { 'no token': 'x' } })).toEqual({
      kind: 'refused',
      status: 0,
      reason: 'the request cannot be sent: invalid header key',
      bytes: 0,
    });
  });

  it('says when to come again', async () => {
    handler = (_request, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('slower');
    };
    expect(await get()).toMatchObject({ status: 429, retryAfterMs: 7_000, body: Buffer.alloc(0) });
  });

  it('asks whether a page has changed', async () => {
    handler = (request, response) => {
      const isSame =
        request.headers['if-none-match'] === '"1"' &&
        request.headers['if-modified-since'] === 'Sun, 22 Nov 2026 10:00:00 GMT';
      response.writeHead(isSame ? 304 : 500, { etag: '"1"' }).end();
    };
    const answer = await get({ etag: '"1"', lastModified: 'Sun, 22 Nov 2026 10:00:00 GMT' });
    expect(answer).toMatchObject({ kind: 'answer', status: 304, etag: '"1"' });
  });

  it('sends the cookies of its task along, and keeps those it gets', async () => {
    const seen: (string | undefined)[] = [];
    handler = (request, response) => {
      seen.push(request.headers.cookie);
      response.writeHead(302, { location: '/next', 'set-cookie': ['session=1', 'other=2; Path=/elsewhere'] });
      response.end();
    };
    const cookies = new CookieJar();
    await get({ cookies, headers: { Cookie: 'fixed=0' } });
    await get({ cookies, headers: { Cookie: 'fixed=0' } });
    await get({ cookies: new CookieJar() });
    expect(seen).toEqual(['fixed=0', 'fixed=0; session=1', undefined]);
  });

  it('does not keep more cookies of a host than a browser would', async () => {
    let count = 0;
    handler = (_request, response) => {
      const set = Array.from({ length: 100 }, () => `c${(count += 1)}=x`);
      response.writeHead(200, { 'set-cookie': set }).end();
    };
    const cookies = new CookieJar();
    for (let i = 0; i < 3; i += 1) await get({ cookies });
    expect(cookies.getCookiesSync(origin)).toHaveLength(180);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, br', (text: Buffer) => brotliCompressSync(gzipSync(text))],
    // Made with the zstd tool.
    ['zstd', () => ZSTD_HELLO],
  ])('reads a body in %s', async (encoding, encode) => {
    for (const text of ['hello zstd\n', 'a longer text '.repeat(200_000)]) {
      if (encoding === 'zstd' && text.length > 100) continue;
      handler = (_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(encode(Buffer.from(text)));
      };
      const answer = await get({ maxBytes: 4 << 20 });
      if (answer.kind !== 'answer') throw new Error(answer.reason);
      expect(answer.body.toString() === text).toBe(true);
    }
  });

  it('refuses a body in an encoding it did not ask for', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'compress' }).end('xyz');
    };
    expect(await get()).toEqual({
      kind: 'refused',
      status: 200,
      reason: 'the content encoding is not known: compress',
      bytes: 0,
    });
  });

  it('refuses a body that is too long, or takes its beginning, as it is told', async () => {
    for (const head of [{}, { 'content-length': 100 }]) {
      handler = (_request, response) => void response.writeHead(200, head).end('x'.repeat(100));
      expect(await get({ maxBytes: 99 })).toMatchObject({
        kind: 'refused',
        status: 200,
        reason: 'the body is longer than 99 bytes',
      });
      expect(await get({ maxBytes: 99, beyond: 'cut' })).toMatchObject({ body: Buffer.from('x'.repeat(99)) });
      expect(await get({ maxBytes: 100 })).toMatchObject({ body: Buffer.from('x'.repeat(100)) });
    }
  });

  it('sends nothing when the right to send was lost while it waited for a connection', async () => {
    let seenCount = 0;
    handler = (_request, response) => {
      seenCount += 1;
      response.end();
    };
    let asked = 0;
    let sent = 0;
    const answer = get({ maySend: () => (asked += 1) === 1, onSend: () => (sent += 1) });
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect({ asked, sent, seenCount }).toEqual({ asked: 2, sent: 0, seenCount: 0 });
  });

  it('says that the request is about to leave, once, after asking whether it may', async () => {
    handler = (_request, response) => void response.end();
    const calls: string[] = [];
    await get({ maySend: () => calls.push('may') > 0, onSend: () => calls.push('sent') });
    expect(calls).toEqual(['may', 'may', 'sent']);
  });

  it('stops at once when the signal fires', async () => {
    const abort = new AbortController();
    handler = () => abort.abort(new Error('moved'));
    await expect(get({ signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      cause: new Error('moved'),
    });
  });
});

const ZSTD_HELLO = Buffer.from('KLUv/QRYWQAAaGVsbG8genN0ZApsV/lR', 'base64');

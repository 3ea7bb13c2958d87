import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { makeCertificates, type Certificates } from '../../../../test/support/certificates.js';
import { startHttpProxy, startSocksProxy, type WebProxy } from '../../../../test/support/web-proxies.js';
import type { FetchAnswer, FetchRequest } from '../fetcher.js';
import { HttpFetcher } from '../http-fetcher.js';

describe('requests through proxies', () => {
  let certificates: Certificates;
  let fetcher: HttpFetcher;
  let plain: string;
  let secure: string;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  afterAll(() => certificates.remove());

  const listen = async (server: Server | ReturnType<typeof createTcpServer>): Promise<string> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const use = async (proxy: Promise<WebProxy>): Promise<WebProxy> => {
    const started = await proxy;
    closing.push(() => started.close());
    return started;
  };

  beforeEach(async () => {
    const [ca, cert, key] = await Promise.all(
      [certificates.caFile, certificates.certFile, certificates.keyFile].map((file) =>
        readFile(file, 'utf8'),
      ),
    );
    fetcher = new HttpFetcher({ allowPrivate: true, ca });
    closing.push(() => fetcher.close());
    plain = await listen(createServer((request, response) => response.end(`plain ${request.url}`)));
    secure = await listen(
      createTlsServer({ cert, key }, (request, response) => response.end(`secure ${request.url}`)),
    );
  });

  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  const request = (url: string, proxies: string[], over: Partial<FetchRequest> = {}): FetchRequest => ({
    url,
    userAgent: 'test',
    accept: '*/*',
    headers: {},
    cookies: undefined,
    etag: '',
    lastModified: '',
    timeoutMs: 60_000,
    maxBytes: 1_000,
    beyond: 'refuse',
    proxies,
    signal: new AbortController().signal,
    maySend: () => true,
    ...over,
  });
  const get = (url: string, ...proxies: string[]): Promise<FetchAnswer> =>
    fetcher.fetch(request(url, proxies));
  const textOf = (answer: FetchAnswer): string =>
    answer.kind === 'answer' ? `${answer.status} ${answer.body.toString()}` : answer.reason;

  it('go to an HTTP proxy by their URL, and for https through a tunnel', async () => {
    const proxy = await use(startHttpProxy());
    expect(textOf(await get(`http://${plain}/a?b`, proxy.url))).toBe('200 plain /a?b');
    expect(textOf(await get(`https://${secure}/c`, proxy.url))).toBe('200 secure /c');
    expect(proxy.seen).toEqual([`GET http://${plain}/a?b`, `CONNECT ${secure}`]);
  });

  it('go through a SOCKS5 proxy', async () => {
    const proxy = await use(startSocksProxy());
    expect(textOf(await get(`http://${plain}/a`, proxy.url))).toBe('200 plain /a');
    expect(textOf(await get(`https://${secure}/c`, proxy.url))).toBe('200 secure /c');
    expect(proxy.seen).toEqual([`CONNECT ${plain}`, `CONNECT ${secure}`]);
  });

  it('carry the credentials of the proxy', async () => {
    for (const start of [startHttpProxy, startSocksProxy]) {
      const proxy = await use(start({ credentials: 'me:se cret' }));
      const url = proxy.url.replace('se cret', 'se%20cret');
      expect(textOf(await get(`http://${plain}/a`, url))).toBe('200 plain /a');
      expect(textOf(await get(`https://${secure}/c`, url))).toBe('200 secure /c');
    }
  });

  it('fail with a reason that names the proxy, without its credentials', async () => {
    const http = await use(startHttpProxy({ credentials: 'me:right' }));
    const socks = await use(startSocksProxy({ credentials: 'me:right' }));
    const wrong = (proxy: WebProxy): string => proxy.url.replace('right', 'wrong');
    const host = (proxy: WebProxy): string => new URL(proxy.url).host;
    const wanted = `the proxy ${host(http)}: it wants other credentials (407)`;
    expect(textOf(await get(`http://${plain}/`, wrong(http)))).toBe(wanted);
    expect(textOf(await get(`https://${secure}/`, wrong(http)))).toBe(wanted);
    expect(textOf(await get(`http://${plain}/`, wrong(socks)))).toBe(
      `the proxy ${host(socks)}: Socks5 Authentication failed`,
    );
    for (const scheme of ['http', 'socks5']) {
      for (const url of [`http://${plain}/`, `https://${secure}/`]) {
        expect(textOf(await get(url, `${scheme}://${NOBODY}`))).toBe(
          `the proxy ${NOBODY}: the connection was refused`,
        );
      }
    }
  });

  it('fail once when a proxy takes connections and closes them', async () => {
    let connectionCount = 0;
    const closes = await listen(
      createTcpServer((socket) => {
        connectionCount += 1;
        socket.destroy();
      }),
    );
    expect(textOf(await get(`https://${secure}/`, `http://${closes}`))).toBe(
      `the proxy ${closes}: the connection was reset`,
    );
    expect(connectionCount).toBe(1);
  });

  it('take the next proxy when one is down, and leave that one alone for a while', async () => {
    const proxy = await use(startHttpProxy());
    let triedCount = 0;
    const down = await listen(
      createTcpServer((socket) => {
        triedCount += 1;
        socket.destroy();
      }),
    );
    const startedAt = performance.now();
    for (let i = 0; i < 6; i += 1) {
      expect(textOf(await get(`https://${secure}/${i}`, `http://${down}`, proxy.url))).toBe(
        `200 secure /${i}`,
      );
    }
    // Each rest is of a second at least.
    expect(triedCount).toBeGreaterThan(0);
    expect(triedCount - 1).toBeLessThanOrEqual((performance.now() - startedAt) / 1_000);
  });

  it('take proxies in turn', async () => {
    const proxies = [await use(startHttpProxy()), await use(startHttpProxy())];
    for (let i = 0; i < 6; i += 1) await get(`http://${plain}/`, ...proxies.map(({ url }) => url));
    expect(proxies.map(({ seen }) => seen.length)).toEqual([3, 3]);
  });

  it('do not blame a proxy for a host that it cannot reach', async () => {
    const [http, socks] = [await use(startHttpProxy({ refuseWith: 502 })), await use(startSocksProxy())];
    for (let i = 0; i < 2; i += 1) {
      expect(textOf(await get(`https://${NOBODY}/`, http.url))).toMatch(
        /^the proxy \S+: it answers with 502$/,
      );
      expect(textOf(await get(`http://${NOBODY}/`, socks.url))).toMatch(/: the host refused its connection$/);
    }
    // A rest would not show with one proxy: it is tried again in any case. With another one beside it it would.
    await get(`https://${secure}/`, http.url, socks.url);
    await get(`https://${secure}/`, http.url, socks.url);
    expect(http.seen).toHaveLength(3);
  });

  it('tell what is wrong with the TLS of the host, not of the proxy', async () => {
    const strict = new HttpFetcher({ allowPrivate: true });
    closing.push(() => strict.close());
    for (const proxy of [await use(startHttpProxy()), await use(startSocksProxy())]) {
      expect(textOf(await strict.fetch(request(`https://${secure}/`, [proxy.url])))).toBe(
        'TLS: the certificate is from an authority that is not known',
      );
    }
  });

  it('do not reach private addresses by way of a proxy, though the proxy is at one', async () => {
    const guarded = new HttpFetcher({ allowPrivate: false });
    closing.push(() => guarded.close());
    for (const proxy of [await use(startHttpProxy()), await use(startSocksProxy())]) {
      for (const url of [`http://${plain}/`, `https://${secure}/`, `http://localhost:1/`]) {
        expect(await guarded.fetch(request(url, [proxy.url]))).toMatchObject({
          kind: 'refused',
          reason: expect.stringMatching(/is not a public address/),
        });
      }
      expect(proxy.seen).toEqual([]);
    }
  });

  it('are sent only while they may be', async () => {
    const proxy = await use(startHttpProxy());
    let asked = 0;
    const denied = fetcher.fetch(
      request(`https://${secure}/`, [proxy.url], { maySend: () => (asked += 1) === 1 }),
    );
    await expect(denied).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(asked).toBe(2);
  });
});

/** Refuses every connection: the port is one that nobody is given. */
const NOBODY = '127.0.0.1:1';

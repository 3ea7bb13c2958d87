import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FetchAnswer } from './fetcher.js';
import { HttpFetcher } from './http-fetcher.js';

describe('a fetcher that may not go to private addresses', () => {
  let fetcher: HttpFetcher;
  let server: Server;
  let port: number;
  let connectionCount = 0;

  beforeEach(async () => {
    fetcher = new HttpFetcher({ allowPrivate: false });
    connectionCount = 0;
    server = createServer((_request, response) => response.end('secret'));
    server.on('connection', () => (connectionCount += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    await fetcher.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = (url: string): Promise<FetchAnswer> =>
    fetcher.fetch({
      url: new URL(url).href,
      userAgent: 'test',
      accept: '*/*',
      headers: {},
      cookies: undefined,
      etag: '',
      lastModified: '',
      timeoutMs: 60_000,
      maxBytes: 1_000,
      beyond: 'refuse',
      proxies: [],
      signal: new AbortController().signal,
      maySend: () => true,
    });

  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
  ])('refuses %s without a connection, and says why', async (host) => {
    expect(await get(`http://${host}:${port}/`)).toEqual({
      kind: 'refused',
      status: 0,
      reason: expect.stringMatching(/^\S+ is not a public address, and --allow-private is not set$/),
      bytes: 0,
    });
    expect(connectionCount).toBe(0);
  });
});

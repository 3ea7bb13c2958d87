import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { makeCertificates, type Certificates } from '../../../test/support/certificates.js';
import { until } from '../../../test/support/until.js';
import type { FetchAnswer, FetchRequest } from './fetcher.js';
import { HttpFetcher } from './http-fetcher.js';

describe('what the web does, and what the user sees of it', () => {
  let fetcher: HttpFetcher;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    fetcher = new HttpFetcher({ allowPrivate: true });
    closing.push(() => fetcher.close());
  });

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const listen = async (server: Server | Http2SecureServer): Promise<string> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  /** A server that sees each request and then does as it likes with the connection. */
  const raw = async (behave: (socket: Socket) => void): Promise<string> =>
    `http://${await listen(createServer((socket) => socket.on('data', () => behave(socket))))}/`;

  const get = (url: string, over: Partial<FetchRequest> = {}, by = fetcher): Promise<FetchAnswer> =>
    by.fetch({
      url,
      userAgent: 'test',
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

  const unreachable = (reason: string | RegExp): unknown => ({
    kind: 'unreachable',
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  });

  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';
  const TOO_LONG = { kind: 'refused', status: 200, reason: 'the body is longer than 1048576 bytes' };

  /** Writes as fast as the other side reads. */
  const flood = (socket: Socket, piece: string): void => {
    const write = (): void => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', write);
    write();
  };

  describe('bodies', () => {
    it.each([
      ['that say nothing of their length', HEAD, 'x'.repeat(1_000)],
      ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\n`, `3e8\r\n${'x'.repeat(1_000)}\r\n`],
    ])('that never end are given up at the limit: %s', async (_name, head, piece) => {
      const url = await raw((socket) => {
        socket.write(`${head}\r\n`);
        flood(socket, piece);
      });
      expect(await get(url)).toMatchObject(TOO_LONG);
      const cut = await get(url, { beyond: 'cut' });
      expect(cut.kind === 'answer' && cut.body.length).toBe(1 << 20);
    });

    it.each([
      ['gzip', (bytes: Buffer) => gzipSync(bytes)],
      ['deflate', (bytes: Buffer) => deflateSync(bytes)],
      ['br', (bytes: Buffer) => brotliCompressSync(bytes, QUICKLY)],
      ['gzip, gzip', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
      ['gzip, br, gzip', (bytes: Buffer) => gzipSync(brotliCompressSync(gzipSync(bytes)))],
      ['zstd', () => ZSTD_BOMB],
    ])('that are bombs in %s are given up at the limit', async (encoding, encode) => {
      const bomb = encode(Buffer.alloc(64 << 20));
      const url = await raw((socket) => {
        socket.write(`${HEAD}Content-Encoding: ${encoding}\r\nContent-Length: ${bomb.length}\r\n\r\n`);
        socket.write(bomb);
      });
      expect(await get(url)).toMatchObject(TOO_LONG);
      const cut = await get(url, { beyond: 'cut' });
      expect(cut.kind === 'answer' && cut.body.length).toBe(1 << 20);
    });

    it('in more layers of encoding than anybody needs are refused', async () => {
      const url = await raw((socket) =>
        socket.write(`${HEAD}Content-Encoding: gzip, gzip, gzip, gzip\r\nContent-Length: 4\r\n\r\nxxxx`),
      );
      expect(await get(url)).toMatchObject({
        kind: 'refused',
        reason: 'the content encoding is not known: gzip, gzip, gzip, gzip',
      });
    });

    it('that ask for gigabytes of memory to be decompressed get none', async () => {
      // A frame of Zstandard with a window of 2 GiB.
      const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00]);
      const body = Buffer.concat([frame, Buffer.alloc(20)]);
      const url = await raw((socket) => {
        socket.write(`${HEAD}Content-Encoding: zstd\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(body);
      });
      expect(await get(url)).toEqual(unreachable(/memory|damaged/));
    });

    it.each([
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ])('that are damaged or end early in %s are not taken for pages', async (encoding, encode) => {
      const whole = encode(Buffer.from('hello '.repeat(1_000)));
      const damaged = Buffer.from(whole).fill(0xff, 12, 20);
      for (const [body, reason] of [
        [whole.subarray(0, -10), 'the compressed body ends too early'],
        [damaged, /^the compressed body is damaged|ends too early/],
      ] as const) {
        const url = await raw((socket) => {
          socket.write(`${HEAD}Content-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`);
          socket.write(body);
        });
        expect(await get(url)).toEqual(unreachable(reason));
      }
    });

    it('that are shorter than announced are not taken for pages', async () => {
      const url = await raw((socket) => socket.end(`${HEAD}Content-Length: 100\r\n\r\nshort`));
      expect(await get(url)).toEqual(unreachable('the connection was closed before the answer was whole'));
    });

    it('that are longer than announced end where they said they would', async () => {
      const url = await raw((socket) => socket.end(`${HEAD}Content-Length: 5\r\n\r\nshort and more`));
      expect(await get(url)).toMatchObject({ kind: 'answer', body: Buffer.from('short') });
      expect(await get(url)).toMatchObject({ kind: 'answer', body: Buffer.from('short') });
    });

    it('that are no text come as they are', async () => {
      const bytes = Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7_919) % 256));
      const url = await raw((socket) => {
        socket.write(`${HEAD}Content-Length: ${bytes.length}\r\n\r\n`);
        socket.write(bytes);
      });
      expect(await get(url)).toMatchObject({ kind: 'answer', mediaType: 'text/html', body: bytes });
    });

    it('that break off are not taken for pages', async () => {
      const reset = await raw((socket) => {
        socket.write(`${HEAD}Content-Length: 100\r\n\r\nsho`, () => socket.resetAndDestroy());
      });
      expect(await get(reset)).toEqual(
        unreachable(/^the connection was (reset|closed before the answer was whole)$/),
      );
    });

    it('of errors are not waited for', async () => {
      const url = await raw((socket) =>
        socket.write('HTTP/1.1 503 x\r\nRetry-After: 2\r\nContent-Length: 9\r\n\r\nwai'),
      );
      expect(await get(url, { timeoutMs: A_WHILE_MS })).toMatchObject({
        kind: 'answer',
        status: 503,
        retryAfterMs: 2_000,
      });
    });
  });

  describe('heads', () => {
    it('that never end are given up', async () => {
      const url = await raw((socket) => {
        socket.write(HEAD);
        flood(socket, `X-Header: ${'x'.repeat(1_000)}\r\n`);
      });
      expect(await get(url)).toEqual(unreachable('the headers of the answer are too long'));
    });

    it('that are no HTTP are told as that', async () => {
      const url = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
      expect(await get(url)).toEqual(unreachable('the answer is not HTTP'));
    });

    it('that switch to what was not asked for are no answers', async () => {
      const url = await raw((socket) =>
        socket.write('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
      );
      expect(await get(url)).toEqual(
        unreachable(/^the answer is not HTTP|the connection was closed before the answer was whole$/),
      );
    });

    it('that say everything twice are read', async () => {
      const twice = 'Content-Type: text/html\r\nETag: "1"\r\nRetry-After: 1\r\nLocation: /a\r\n'.repeat(2);
      const url = await raw((socket) => socket.write(`HTTP/1.1 302 x\r\n${twice}Content-Length: 0\r\n\r\n`));
      expect(await get(url)).toMatchObject({
        kind: 'answer',
        status: 302,
        contentType: 'text/html, text/html',
      });
    });

    it('that come after many others, of hints, are waited for', async () => {
      const url = await raw((socket) => {
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(10));
        socket.write(`${HEAD}Content-Length: 2\r\n\r\nok`);
      });
      expect(await get(url)).toMatchObject({ kind: 'answer', status: 200, body: Buffer.from('ok') });
    });
  });

  describe('time', () => {
    it('is up for a server that never answers', async () => {
      const url = await raw(() => {});
      expect(await get(url, { timeoutMs: A_WHILE_MS })).toEqual(
        unreachable(`timed out after ${A_WHILE_MS} ms, before an answer came`),
      );
    });

    it('is up for a server that sends its head byte by byte, however often it does', async () => {
      const url = await raw((socket) => {
        const timer = setInterval(() => socket.write('X'), 10);
        socket.on('close', () => clearInterval(timer));
        socket.write(HEAD);
      });
      expect(await get(url, { timeoutMs: A_WHILE_MS })).toEqual(
        unreachable(`timed out after ${A_WHILE_MS} ms, before an answer came`),
      );
    });

    it('is up for a server that sends its body byte by byte, and its connection is closed', async () => {
      let isClosed = false;
      const url = await raw((socket) => {
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => {
          clearInterval(timer);
          isClosed = true;
        });
        socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
      });
      expect(await get(url, { timeoutMs: A_WHILE_MS })).toEqual(
        unreachable(/^timed out after \d+ ms, with \d+ bytes of the body read$/),
      );
      await until(() => isClosed, { what: 'the connection is closed' });
    });
  });

  describe('connections', () => {
    it('that are refused are told as that', async () => {
      // The port is one that nobody is given.
      expect(await get('http://127.0.0.1:1/')).toEqual(unreachable('the connection was refused'));
    });

    it('that are closed without an answer are told as that', async () => {
      const url = await raw((socket) => socket.end());
      expect(await get(url)).toEqual(unreachable('the connection was closed before the answer was whole'));
    });

    it('to names that do not exist are told as that', async () => {
      expect(await get('http://nowhere.invalid/')).toEqual(
        unreachable(/^there is no such host|the name server did not answer$/),
      );
    });

    it('take URLs of 10 kB', async () => {
      const path = `/${'a'.repeat(10_000)}?q=${'b'.repeat(1_000)}`;
      const seen: string[] = [];
      const address = await listen(
        createServer((socket) => {
          socket.on('data', (bytes) => {
            seen.push(bytes.toString());
            if (bytes.toString().includes('\r\n\r\n')) socket.write(`${HEAD}Content-Length: 2\r\n\r\nok`);
          });
        }),
      );
      expect(await get(`http://${address}${path}`)).toMatchObject({ kind: 'answer', status: 200 });
      expect(seen.join('')).toContain(`GET ${path} HTTP/1.1`);
    });
  });

  describe('TLS', () => {
    const run = promisify(execFile);
    let directory: string;
    let certificates: Certificates;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'orbweaver-bad-tls-'));
      certificates = await makeCertificates();
    });

    afterAll(async () => {
      await certificates.remove();
      await rm(directory, { recursive: true, force: true });
    });

    const selfSigned = async (...options: string[]): Promise<{ cert: string; key: string }> => {
      const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
      const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      await run('openssl', [...made, '-keyout', key, '-out', cert, '-subj', '/CN=test', ...options]);
      return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
    };

    const expiredCertificate = async (): Promise<{ cert: string; key: string }> => {
      const { key } = await selfSigned('-days', '1');
      await writeFile(join(directory, 'index'), '');
      await writeFile(join(directory, 'config'), EXPIRED_CONFIG);
      const options = { cwd: directory };
      await run(
        'openssl',
        ['req', '-new', '-key', 'key.pem', '-out', 'csr.pem', '-subj', '/CN=test'],
        options,
      );
      const dates = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
      const made = [
        'ca',
        '-batch',
        '-selfsign',
        '-config',
        'config',
        '-keyfile',
        'key.pem',
        '-in',
        'csr.pem',
      ];
      await run('openssl', [...made, ...dates, '-notext', '-out', 'expired.pem'], options);
      return { cert: await readFile(join(directory, 'expired.pem'), 'utf8'), key };
    };

    const trusted = async (): Promise<{ cert: string; key: string; ca: string }> => ({
      cert: await readFile(certificates.certFile, 'utf8'),
      key: await readFile(certificates.keyFile, 'utf8'),
      ca: await readFile(certificates.caFile, 'utf8'),
    });

    const trusting = (ca: string): HttpFetcher => {
      const made = new HttpFetcher({ allowPrivate: true, ca });
      closing.push(() => made.close());
      return made;
    };

    it('of a certificate that signed itself is told as that', async () => {
      const address = await listen(createTlsServer(await selfSigned('-days', '1')));
      expect(await get(`https://${address}/`)).toEqual(unreachable('TLS: the certificate is self-signed'));
    });

    it('of an authority that nobody knows is told as that', async () => {
      const address = await listen(createTlsServer(await trusted()));
      expect(await get(`https://${address}/`)).toEqual(
        unreachable('TLS: the certificate is from an authority that is not known'),
      );
    });

    it('of a certificate that has expired is told as that', async () => {
      const expired = await expiredCertificate();
      const address = await listen(createTlsServer(expired));
      expect(await get(`https://${address}/`, {}, trusting(expired.cert))).toEqual(
        unreachable('TLS: the certificate has expired'),
      );
    });

    it('of a certificate for another host is told as that', async () => {
      const other = await selfSigned('-days', '1', '-addext', 'subjectAltName=DNS:example.org');
      const address = await listen(createTlsServer(other));
      expect(await get(`https://${address}/`, {}, trusting(other.cert))).toEqual(
        unreachable('TLS: the certificate is for another host'),
      );
    });

    it('of a server that does not speak it is told as that', async () => {
      const url = await raw((socket) => socket.end('HTTP/1.1 400 x\r\n\r\n'));
      expect(await get(url.replace('http:', 'https:'))).toEqual(
        unreachable('TLS: the server does not speak TLS'),
      );
    });

    it('of a server that hangs up is told as that', async () => {
      const url = await raw((socket) => socket.destroy());
      expect(await get(url.replace('http:', 'https:'))).toEqual(unreachable('the connection was reset'));
    });

    it('with HTTP/2 is used where it is offered, also after the server has said that it goes away', async () => {
      const { cert, key, ca } = await trusted();
      const server = createSecureServer({ cert, key, allowHTTP1: true });
      const versions: string[] = [];
      const sessions: ServerHttp2Session[] = [];
      server.on('session', (session) => sessions.push(session));
      server.on('request', (request, response) => {
        versions.push(request.httpVersion);
        response.setHeader('content-type', 'text/html');
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        response.end(`page ${request.url}`);
      });
      const address = await listen(server);
      const by = trusting(ca);
      for (let i = 0; i < 4; i += 1) {
        expect(await get(`https://${address}/${i}`, {}, by)).toMatchObject({
          kind: 'answer',
          status: 200,
          mediaType: 'text/html',
          body: Buffer.from(`page /${i}`),
        });
        if (i !== 1) continue;
        sessions[0]?.close();
        await until(() => sessions[0]?.destroyed, { what: 'the server has gone away' });
        // Until the fetcher has heard of it.
        await new Promise(setImmediate);
        await new Promise(setImmediate);
      }
      expect(sessions).toHaveLength(2);
      expect(versions).toEqual(['2.0', '2.0', '2.0', '2.0']);
    });

    it('with HTTP/2 fails with a reason when the server goes away, resets, or is endless', async () => {
      const { cert, key, ca } = await trusted();
      const server = createSecureServer({ cert, key });
      server.on('sessionError', () => {});
      server.on('stream', (stream, headers) => {
        stream.on('error', () => {});
        const path = headers[':path'];
        if (path === '/goaway') stream.session?.goaway(0);
        if (path === '/reset') stream.close(2);
        if (path === '/cut') {
          stream.respond({ ':status': 200, 'content-type': 'text/html' });
          stream.write('some', () => stream.session?.destroy());
        }
        if (path === '/well') stream.respond({ ':status': 204 }, { endStream: true });
        if (path === '/endless') {
          stream.respond({ ':status': 200, 'content-type': 'text/html' });
          const write = (): void => {
            while (stream.writable && stream.write('x'.repeat(1_000)));
          };
          stream.on('drain', write);
          write();
        }
      });
      const address = await listen(server);
      const by = trusting(ca);
      const sent: string[] = [];
      const path = (name: string): Promise<FetchAnswer> =>
        get(
          `https://${address}/${name}`,
          { timeoutMs: name === 'silent' ? A_WHILE_MS : 60_000, onSend: () => sent.push(name) },
          by,
        );
      for (const name of ['goaway', 'reset', 'cut']) {
        expect([name, await path(name)]).toEqual([name, unreachable(/^the connection was closed/)]);
      }
      // The next one finds a connection.
      expect(await path('well')).toMatchObject({ kind: 'answer', status: 204 });
      expect(await path('silent')).toEqual(
        unreachable(`timed out after ${A_WHILE_MS} ms, before an answer came`),
      );
      expect(await path('endless')).toMatchObject(TOO_LONG);
      expect(sent).toEqual(['goaway', 'reset', 'cut', 'well', 'silent', 'endless']);
    });
  });
});

/** Enough for what is not late, on a busy machine too. */
const A_WHILE_MS = 2_000;

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

const EXPIRED_CONFIG = `
[ca]
default_ca = test
[test]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = IP:127.0.0.1
`;

/** 4 MiB of zeros, made with the zstd tool at level 19. */
const ZSTD_BOMB = Buffer.from(
  'KLUv/QBoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAwAQAA==',
  'base64',
);

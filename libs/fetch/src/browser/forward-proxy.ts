import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect as connectTcp, isIP, type AddressInfo, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { AddressRefusedError, type AddressGuard } from '../address-guard.js';
import { reasonOf } from '../failure-reason.js';
import { authorizationFor } from '../proxies/http-tunnel.js';
import { openTunnel } from '../proxies/proxy-connector.js';
import { ProxyError } from '../proxies/proxy-error.js';

export interface ForwardProxyTerms {
  guard: AddressGuard;
  /** The proxy to go through in turn. */
  via: URL | undefined;
  /** Asked before each connection. */
  maySend: () => boolean;
  /** Of all that comes in; beyond it there are no connections any more. */
  maxBytes: number;
}

/**
 * The one way out for a page in a browser: a proxy on loopback for it alone, which applies the guard to whatever
 * the page, its scripts and its frames ask for, to the very address that is connected to.
 */
export class ForwardProxy {
  readonly #server = createServer()
    .on('request', (incoming, response) => void this.#forward(incoming, response))
    .on('connect', (incoming, near) => void this.#tunnel(incoming, near))
    .on('connection', (socket) => this.#keep(socket));
  readonly #sockets = new Set<Socket>();
  readonly #failures = new Map<string, unknown>();
  #roomBytes: number;

  private constructor(private readonly terms: ForwardProxyTerms) {
    this.#roomBytes = terms.maxBytes;
  }

  static async listen(terms: ForwardProxyTerms): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(terms);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get isExhausted(): boolean {
    return this.#roomBytes < 0;
  }

  /** Why there was no connection to a host; undefined when there was one, or none was asked for. */
  failureOf(hostname: string): unknown {
    return this.#failures.get(bare(hostname));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #tunnel(incoming: IncomingMessage, near: Duplex): Promise<void> {
    const [, hostname = '', port = ''] = /^(.*):(\d+)$/.exec(incoming.url ?? '') ?? [];
    const { via, guard } = this.terms;
    const far = await this.#connect(hostname, () =>
      via === undefined
        ? connectDirectly(guard, bare(hostname), port)
        : openTunnel(via, guard, bare(hostname), port),
    );
    if (far === undefined) {
      near.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
  }

  async #forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(URL.canParse(incoming.url ?? '') ? (incoming.url ?? '') : 'http:none');
    const port = url.port === '' ? '80' : url.port;
    const { via, guard } = this.terms;
    // As in ProxyRoute: many proxies open no tunnels for plain HTTP.
    const asked = via?.protocol === 'socks5:' ? undefined : via;
    const far = await this.#connect(url.hostname, async () => {
      if (via === undefined) return connectDirectly(guard, bare(url.hostname), port);
      if (asked === undefined) return openTunnel(via, guard, bare(url.hostname), port);
      await guard.target(url.hostname);
      return connectToProxy(asked);
    });
    if (far === undefined) {
      // Not an answer: it would be taken for the host's.
      response.destroy();
      return;
    }
    const outgoing = request({
      createConnection: () => far,
      method: incoming.method,
      path: asked === undefined ? url.pathname + url.search : url.href,
      headers: { ...endToEnd(incoming.headers), ...(asked === undefined ? {} : authorizationFor(asked)) },
    });
    outgoing.on('response', (answer) => {
      const status = answer.statusCode ?? 0;
      // Node reads answers with a status that it would not write.
      if (status < 100) response.destroy();
      // One that breaks off here breaks off there.
      else pipeline(answer, response.writeHead(status, endToEnd(answer.headers)), () => {});
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => far.destroy());
    incoming.pipe(outgoing);
  }

  async #connect(hostname: string, open: () => Promise<Socket>): Promise<Socket | undefined> {
    if (this.isExhausted || !this.terms.maySend()) return undefined;
    try {
      const far = await open();
      this.#failures.delete(bare(hostname));
      far.on('data', (chunk: Buffer) => this.#count(chunk.length));
      return this.#keep(far);
    } catch (error) {
      this.#failures.set(bare(hostname), error);
      return undefined;
    }
  }

  #count(bytes: number): void {
    this.#roomBytes -= bytes;
    if (this.isExhausted) for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    // Its other end goes with it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

async function connectDirectly(guard: AddressGuard, hostname: string, port: string): Promise<Socket> {
  if (isIP(hostname) !== 0 && guard.refuses(hostname)) throw new AddressRefusedError(hostname);
  return connected(
    connectTcp({ host: hostname, port: Number(port), lookup: guard.lookup, autoSelectFamily: true }),
    'connect',
  );
}

async function connectToProxy(proxy: URL): Promise<Socket> {
  const isSecure = proxy.protocol === 'https:';
  const port = Number(proxy.port === '' ? (isSecure ? 443 : 80) : proxy.port);
  const host = bare(proxy.hostname);
  try {
    if (!isSecure) return await connected(connectTcp({ host, port }), 'connect');
    const servername = isIP(host) === 0 ? host : '';
    return await connected(connectTls({ host, port, servername }), 'secureConnect');
  } catch (error) {
    throw new ProxyError(proxy, reasonOf(error), true);
  }
}

async function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  const timer = setTimeout(() => socket.destroy(new Error('the connection timed out')), CONNECT_TIMEOUT_MS);
  try {
    await once(socket, event);
    return socket;
  } finally {
    clearTimeout(timer);
  }
}

const CONNECT_TIMEOUT_MS = 10_000;

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'upgrade',
]);

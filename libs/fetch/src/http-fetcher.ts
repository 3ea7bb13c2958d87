import { Agent, errors, type Dispatcher } from 'undici';
import { AddressGuard, AddressRefusedError } from './address-guard.js';
import { answerOf, refused, wantsBody } from './answer.js';
import { BodyMemory, type BodyShare } from './body/body-memory.js';
import { ACCEPT_ENCODING } from './body/content-encoding.js';
import { cookieHeader, keepCookies } from './cookies.js';
import { exchange, SendDeniedError, TimeOverError, type ExchangeTerms, type RawAnswer } from './exchange.js';
import { reasonOf } from './failure-reason.js';
import type { FetchAnswer, FetchRequest, Fetcher } from './fetcher.js';
import { noLongerOurs } from './no-longer-ours.js';
import { guardedConnector } from './guarded-connector.js';
import { ProxyRoute } from './proxies/proxy-route.js';
import { TimeLimit } from './time-limit.js';

export interface HttpFetcherOptions {
  /** Whether hosts on loopback, private and link-local addresses may be asked. */
  allowPrivate: boolean;
  /** Authorities for TLS, in PEM, instead of the usual ones. */
  ca?: string;
}

/** Over HTTP/1.1, or HTTP/2 where it is offered, with as many connections to a host as there are requests at once. */
export class HttpFetcher implements Fetcher {
  readonly #memory = new BodyMemory(MAX_BODIES_BYTES);
  readonly #direct: Dispatcher;
  readonly #proxies: ProxyRoute;

  constructor({ allowPrivate, ca }: HttpFetcherOptions) {
    const guard = new AddressGuard(allowPrivate);
    this.#direct = new Agent({ ...AGENT_OPTIONS, connect: guardedConnector(guard, ca) });
    this.#proxies = new ProxyRoute(guard, AGENT_OPTIONS, ca);
  }

  async fetch(request: FetchRequest): Promise<FetchAnswer> {
    if (request.signal.aborted || !request.maySend()) throw noLongerOurs(request);
    const limit = new TimeLimit(request.signal, request.timeoutMs);
    const memory = this.#memory.open();
    try {
      const raw = await this.#exchange(request, limit, memory);
      keepCookies(request.cookies, request.url, raw.headers['set-cookie']);
      return await answerOf(request, raw, memory, limit);
    } catch (error) {
      if (error instanceof SendDeniedError || limit.over === 'caller') throw noLongerOurs(request);
      if (error instanceof AddressRefusedError) return refused(0, error.message, 0);
      // A header of the task, most likely.
      if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError) {
        return refused(0, `the request cannot be sent: ${error.message}`, 0);
      }
      return {
        kind: 'unreachable',
        reason: limit.over === 'time' ? tooLate(request, error) : reasonOf(error),
      };
    } finally {
      memory.close();
      limit.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxies.destroy()]);
  }

  #exchange(request: FetchRequest, limit: TimeLimit, memory: BodyShare): Promise<RawAnswer> {
    const { maxBytes, maySend, proxies } = request;
    let hasLeft = false;
    const terms: ExchangeTerms = {
      maxBytes,
      wants: (status, headers) => wantsBody(request, status, headers),
      memory,
      limit,
      maySend,
      onSend: () => {
        hasLeft = true;
        request.onSend?.();
      },
    };
    const url = new URL(request.url);
    const headers = headersOf(request);
    if (proxies.length === 0) {
      const path = url.pathname + url.search;
      return exchange(this.#direct, { origin: url.origin, path, method: 'GET', headers }, terms);
    }
    return this.#proxies.send({
      url,
      headers,
      proxies,
      send: (dispatcher, options) => exchange(dispatcher, options, terms),
      hasLeft: () => hasLeft,
    });
  }
}

/** Of all bodies that are being read at once. */
const MAX_BODIES_BYTES = 64 << 20;

const AGENT_OPTIONS: Agent.Options = {
  allowH2: true,
  pipelining: 1,
  maxHeaderSize: 32 << 10,
  // The one time limit is our own.
  headersTimeout: 0,
  bodyTimeout: 0,
  // However long a server would: connections of hosts that are done with must not gather.
  keepAliveMaxTimeout: 30_000,
};

function headersOf(request: FetchRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': request.userAgent,
    accept: request.accept,
    'accept-encoding': ACCEPT_ENCODING,
  };
  if (request.etag !== '') headers['if-none-match'] = request.etag;
  if (request.lastModified !== '') headers['if-modified-since'] = request.lastModified;
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const cookie = cookieHeader(request.cookies, request.url);
  if (cookie !== '')
    headers['cookie'] = headers['cookie'] === undefined ? cookie : `${headers['cookie']}; ${cookie}`;
  return headers;
}

function tooLate({ timeoutMs }: FetchRequest, error: unknown): string {
  const phase = error instanceof TimeOverError ? error.message : 'while the body was decompressed';
  return `timed out after ${timeoutMs} ms, ${phase}`;
}

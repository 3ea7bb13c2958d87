import type { Agent, Dispatcher } from 'undici';
import type { AddressGuard } from '../address-guard.js';
import { TimeOverError, type RawAnswer } from '../exchange.js';
import { authorizationFor, proxyTrouble } from './http-tunnel.js';
import { ProxyDispatchers } from './proxy-dispatchers.js';
import { ProxyError } from './proxy-error.js';
import { ProxyHealth } from './proxy-health.js';

/** One request, sent at most once: `hasLeft` says whether it was. */
export interface ProxiedRequest {
  url: URL;
  headers: Record<string, string>;
  proxies: readonly string[];
  send: (dispatcher: Dispatcher, options: Dispatcher.DispatchOptions) => Promise<RawAnswer>;
  hasLeft: () => boolean;
}

/** Sends requests through proxies: in turn, and through another one when the fault is the proxy's. */
export class ProxyRoute {
  readonly #health = new ProxyHealth(() => performance.now());
  readonly #dispatchers: ProxyDispatchers;

  constructor(
    private readonly guard: AddressGuard,
    options: Agent.Options,
    ca: string | undefined,
  ) {
    this.#dispatchers = new ProxyDispatchers(guard, options, ca, () => performance.now());
  }

  async send(request: ProxiedRequest): Promise<RawAnswer> {
    let failure: unknown;
    for (const proxy of this.#health.order(request.proxies).slice(0, MAX_TRIED)) {
      try {
        const answer = await this.#sendThrough(proxy, request);
        this.#health.worked(proxy);
        return answer;
      } catch (error) {
        failure = error;
        const isProxysFault =
          error instanceof ProxyError
            ? error.isProxysFault
            : error instanceof TimeOverError && !request.hasLeft();
        if (isProxysFault) this.#health.failed(proxy);
        if (!(error instanceof ProxyError && error.isProxysFault) || request.hasLeft()) break;
      }
    }
    throw failure;
  }

  async destroy(): Promise<void> {
    await this.#dispatchers.destroy();
  }

  async #sendThrough(proxy: string, { url, headers, send }: ProxiedRequest): Promise<RawAnswer> {
    const { tunnels, direct } = this.#dispatchers.for(proxy);
    const path = url.pathname + url.search;
    const proxyUrl = new URL(proxy);
    if (url.protocol === 'https:' || proxyUrl.protocol === 'socks5:') {
      return send(tunnels, { origin: url.origin, path, method: 'GET', headers });
    }
    // Many proxies open tunnels to port 443 alone: they are asked for the page itself.
    await this.guard.target(url.hostname);
    const answer = await send(direct, {
      origin: proxyUrl.origin,
      path: url.origin + path,
      method: 'GET',
      headers: { host: url.host, ...headers, ...authorizationFor(proxyUrl) },
    });
    if (answer.status === 407) throw new ProxyError(proxyUrl, proxyTrouble(407), true);
    return answer;
  }
}

/** A request's time is better spent on a later attempt. */
const MAX_TRIED = 3;

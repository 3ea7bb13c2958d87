import type { Browser, BrowserContext } from 'playwright-core';
import { AddressGuard, AddressRefusedError } from '../address-guard.js';
import { refused } from '../answer.js';
import { SendDeniedError } from '../exchange.js';
import type { FetchAnswer, FetchRequest, Fetcher } from '../fetcher.js';
import { noLongerOurs } from '../no-longer-ours.js';
import { ProxyError } from '../proxies/proxy-error.js';
import { ProxyHealth } from '../proxies/proxy-health.js';
import { TimeLimit } from '../time-limit.js';
import { browserReason } from './browser-reason.js';
import { findChromium, launchOptions } from './chromium.js';
import { ForwardProxy } from './forward-proxy.js';
import { giveCookies, takeCookies } from './page-cookies.js';
import { PageVisit } from './page-visit.js';
import { Slots } from './slots.js';

export interface BrowserFetcherOptions {
  /** Whether hosts on loopback, private and link-local addresses may be asked, by pages too. */
  allowPrivate: boolean;
  /** The program; undefined or empty: as it is found on the PATH. */
  chromium: string | undefined;
  /** Pages at once. */
  maxPages?: number;
}

/**
 * Pages as a browser shows them: their HTML after their scripts have run. The machine's Chromium, started with the
 * first page and closed when it has had nothing to do for a while; one that has crashed is started again. The time
 * limit of a request begins when it is its turn.
 */
export class BrowserFetcher implements Fetcher {
  readonly #guard: AddressGuard;
  readonly #slots: Slots;
  readonly #proxies = new ProxyHealth(() => performance.now());
  #browser: Promise<Browser> | undefined;
  #pageCount = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: BrowserFetcherOptions) {
    this.#guard = new AddressGuard(options.allowPrivate);
    this.#slots = new Slots(options.maxPages ?? 2, MAX_WAITING);
  }

  async fetch(request: FetchRequest): Promise<FetchAnswer> {
    if (request.signal.aborted || !request.maySend()) throw noLongerOurs(request);
    const giveBack = await this.#slots.take(request.signal);
    if (request.signal.aborted) {
      giveBack?.();
      throw noLongerOurs(request);
    }
    if (giveBack === undefined) return { kind: 'unreachable', reason: 'too many pages wait for the browser' };
    this.#pageCount += 1;
    clearTimeout(this.#idle);
    try {
      return await this.#visit(request);
    } finally {
      this.#pageCount -= 1;
      if (this.#pageCount === 0) this.#idle = setTimeout(() => void this.#stop(), IDLE_MS).unref();
      giveBack();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#stop();
  }

  async #visit(request: FetchRequest): Promise<FetchAnswer> {
    const limit = new TimeLimit(request.signal, request.timeoutMs);
    const [via] = this.#proxies.order(request.proxies);
    let forward: ForwardProxy | undefined;
    try {
      forward = await ForwardProxy.listen({
        guard: this.#guard,
        via: via === undefined ? undefined : new URL(via),
        maySend: () => limit.over === undefined && request.maySend(),
        maxBytes: MAX_PAGE_BYTES,
      });
      const answer = await this.#render(request, limit, forward);
      if (via !== undefined) this.#proxies.worked(via);
      return answer;
    } catch (error) {
      if (limit.over === 'caller' || error instanceof SendDeniedError) throw noLongerOurs(request);
      const cause = forward?.failureOf(new URL(request.url).hostname);
      if (via !== undefined && cause instanceof ProxyError && cause.isProxysFault) this.#proxies.failed(via);
      return failure(request, limit, cause ?? error, forward?.isExhausted === true);
    } finally {
      limit.release();
      await forward?.close();
    }
  }

  async #render(request: FetchRequest, limit: TimeLimit, forward: ForwardProxy): Promise<FetchAnswer> {
    const browser = await this.#started();
    const context = await browser.newContext({
      acceptDownloads: false,
      serviceWorkers: 'block',
      userAgent: request.userAgent,
      proxy: { server: forward.url },
    });
    limit.stops(() => void this.#closeContext(context));
    try {
      await giveCookies(context, request.cookies, request.url);
      const answer = await new PageVisit(context, request).run();
      await takeCookies(context, request.cookies, request.url);
      return answer;
    } finally {
      await this.#closeContext(context);
    }
  }

  /** A page that is stuck must not keep its slot: the browser goes with it. */
  async #closeContext(context: BrowserContext): Promise<void> {
    const timer = setTimeout(() => void this.#stop(), CLOSE_TIMEOUT_MS);
    try {
      await context.close();
    } catch {
      // The browser has gone, and the context with it.
    } finally {
      clearTimeout(timer);
    }
  }

  #started(): Promise<Browser> {
    if (this.#browser !== undefined) return this.#browser;
    const starting = start(this.options.chromium);
    const gone = (): void => {
      if (this.#browser === starting) this.#browser = undefined;
    };
    this.#browser = starting;
    starting.then((browser) => browser.on('disconnected', gone), gone);
    return starting;
  }

  async #stop(): Promise<void> {
    const browser = this.#browser;
    this.#browser = undefined;
    try {
      await (await browser)?.close();
    } catch {
      // It never started, and whoever wanted it knows.
    }
  }
}

async function start(path: string | undefined): Promise<Browser> {
  const program = findChromium(path);
  if (program === undefined) throw new NoBrowserError(path);
  const { chromium } = await import('playwright-core');
  return chromium.launch(launchOptions(program));
}

function failure(
  { timeoutMs }: FetchRequest,
  limit: TimeLimit,
  error: unknown,
  isExhausted: boolean,
): FetchAnswer {
  if (error instanceof AddressRefusedError || error instanceof NoBrowserError) {
    return refused(0, error.message, 0);
  }
  if (limit.over === 'time') return unreachable(`timed out after ${timeoutMs} ms in the browser`);
  if (isExhausted) return unreachable(`the page loads more than ${MAX_PAGE_BYTES} bytes`);
  return unreachable(browserReason(error));
}

class NoBrowserError extends Error {
  constructor(path: string | undefined) {
    super(
      path === undefined || path === ''
        ? 'there is no Chromium on this machine'
        : `${path} is not a program: the browser is set to it`,
    );
  }
}

const MAX_WAITING = 256;
const IDLE_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** Of a page and all that it loads. */
const MAX_PAGE_BYTES = 64 << 20;

function unreachable(reason: string): FetchAnswer {
  return { kind: 'unreachable', reason };
}

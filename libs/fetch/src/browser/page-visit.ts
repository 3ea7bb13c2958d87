import type { IncomingHttpHeaders } from 'node:http';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { answer, refused, tooLong } from '../answer.js';
import { SendDeniedError } from '../exchange.js';
import type { FetchAnswer, FetchRequest } from '../fetcher.js';

/**
 * One page in a browser of its own: asked for, run until it is quiet, and read. What would lead the browser to
 * another page, a redirect or a script, is taken for the answer instead.
 */
export class PageVisit {
  /** Known before the page is run: there is nothing to run. */
  #answer: FetchAnswer | undefined;
  #head: { status: number; headers: IncomingHttpHeaders } | undefined;
  #requestCount = 0;
  #isDenied = false;

  constructor(
    private readonly context: BrowserContext,
    private readonly request: FetchRequest,
  ) {}

  async run(): Promise<FetchAnswer> {
    const page = await this.context.newPage();
    this.context.on('page', (popup) => void popup.close());
    const session = await this.context.newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const isKnown = new Promise<void>((resolve) => {
      session.on('Fetch.requestPaused', (event) => {
        this.#paused(session, event, frameTree.frame.id).then(
          () => this.#answer !== undefined && resolve(),
          // The page is closed: there is nobody to answer.
          () => {},
        );
      });
    });
    // After its beginning has come: nothing else tells.
    const isBroken = new Promise<never>((_resolve, reject) => {
      page.on('requestfailed', (failed) => {
        const reason = failed.failure()?.errorText ?? '';
        const isPage = failed.isNavigationRequest() && failed.frame() === page.mainFrame();
        if (isPage && reason !== 'net::ERR_ABORTED') reject(new Error(reason));
      });
    });
    await session.send('Fetch.enable', { patterns: [...PATTERNS] });
    try {
      // A page that was led elsewhere may never be done with loading.
      const html = await Promise.race([this.#load(page), isKnown, isBroken]);
      return this.#answer ?? this.#rendered(html ?? '');
    } catch (error) {
      if (this.#isDenied) throw new SendDeniedError();
      if (this.#answer !== undefined) return this.#answer;
      throw error;
    }
  }

  async #load(page: Page): Promise<string> {
    await page.goto(this.request.url, { waitUntil: 'load', timeout: 0 });
    await quiet(page.waitForLoadState('networkidle', { timeout: SETTLE_MS }));
    return page.content();
  }

  #rendered(html: string): FetchAnswer {
    const { url, maxBytes, beyond } = this.request;
    const { status, headers } = this.#head ?? { status: 200, headers: {} };
    const body = Buffer.from(html);
    if (body.length > maxBytes && beyond === 'refuse') return refused(status, tooLong(maxBytes), body.length);
    // What was a text in any charset is one in UTF-8 now.
    const type = { ...headers, 'content-type': 'text/html; charset=utf-8' };
    return answer({ url }, status, type, body.subarray(0, maxBytes));
  }

  async #paused(session: CDPSession, event: RequestPaused, mainFrame: string): Promise<void> {
    const { requestId, resourceType, frameId, responseStatusCode, responseErrorReason } = event;
    if (resourceType !== 'Document') {
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    } else if (frameId !== mainFrame || responseErrorReason !== undefined) {
      await session.send('Fetch.continueRequest', { requestId });
    } else if (responseStatusCode === undefined) {
      await this.#asks(session, event);
    } else {
      await this.#isAnswered(session, event, responseStatusCode);
    }
  }

  async #asks(session: CDPSession, { requestId, request }: RequestPaused): Promise<void> {
    const { url, headers, etag, lastModified, maySend, onSend } = this.request;
    const isSame = withoutFragment(request.url) === withoutFragment(url);
    this.#requestCount += 1;
    this.#isDenied = !maySend();
    const isEndless = this.#requestCount > MAX_RELOADS + 1;
    if (!isSame) this.#answer = answer({ url }, 302, { location: request.url }, EMPTY);
    else if (isEndless) this.#answer = refused(200, 'the page asks for itself again and again', 0);
    if (this.#isDenied || !isSame || isEndless) return abort(session, requestId);
    if (this.#requestCount === 1) onSend?.();
    // With the page's own request alone: they may hold secrets, and pages ask anybody.
    const all = { ...request.headers, ...headers };
    if (etag !== '') all['If-None-Match'] = etag;
    if (lastModified !== '') all['If-Modified-Since'] = lastModified;
    const list = Object.entries(all)
      .filter(([name]) => !UNSENDABLE.has(name.toLowerCase()))
      .map(([name, value]) => ({ name, value }));
    await session.send('Fetch.continueRequest', { requestId, headers: list });
  }

  async #isAnswered(session: CDPSession, event: RequestPaused, status: number): Promise<void> {
    const { requestId, responseHeaders = [] } = event;
    const { url, maxBytes, beyond } = this.request;
    const headers = headersOf(responseHeaders);
    this.#head = { status, headers };
    const isPage = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '');
    const isDownload = /^\s*attachment\b/i.test(headers['content-disposition'] ?? '');
    if (status < 200 || status > 299) {
      this.#answer = answer({ url }, status, headers, EMPTY);
    } else if (Number(headers['content-length']) > maxBytes && beyond === 'refuse') {
      this.#answer = refused(status, tooLong(maxBytes), 0);
    } else if (isPage && !isDownload) {
      await session.send('Fetch.continueRequest', { requestId });
      return;
    } else {
      const { body, base64Encoded } = await session.send('Fetch.getResponseBody', { requestId });
      const bytes = Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
      const isTooLong = bytes.length > maxBytes && beyond === 'refuse';
      this.#answer = isTooLong
        ? refused(status, tooLong(maxBytes), bytes.length)
        : answer({ url }, status, headers, bytes.subarray(0, maxBytes));
    }
    await abort(session, requestId);
  }
}

/** Of the DevTools protocol: a request that waits to be let go, or its answer. */
interface RequestPaused {
  requestId: string;
  request: { url: string; headers: Record<string, string> };
  frameId: string;
  resourceType: string;
  responseStatusCode?: number | undefined;
  responseErrorReason?: string | undefined;
  responseHeaders?: { name: string; value: string }[] | undefined;
}

async function abort(session: CDPSession, requestId: string): Promise<void> {
  await session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
}

/** As node has them. */
function headersOf(list: readonly { name: string; value: string }[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {};
  for (const { name, value } of list) {
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return headers;
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/, '');
}

/** Waits for it, but not longer than it says itself. */
async function quiet(settled: Promise<void>): Promise<void> {
  try {
    await settled;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
  }
}

const EMPTY = Buffer.alloc(0);
/** What Chromium takes from nobody. */
const UNSENDABLE = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** How long a page may go on loading what it wants after it was loaded. */
const SETTLE_MS = 5_000;
/** Of a page that asks for itself again, as those do that set a cookie by script. */
const MAX_RELOADS = 3;

const PATTERNS = [
  { resourceType: 'Document', requestStage: 'Request' },
  { resourceType: 'Document', requestStage: 'Response' },
  // Nobody looks at the page.
  { resourceType: 'Image', requestStage: 'Request' },
  { resourceType: 'Media', requestStage: 'Request' },
  { resourceType: 'Font', requestStage: 'Request' },
] as const;

import { randomUUID } from 'node:crypto';
import { Crawler, type CrawlObserver, type CrawlStore } from '@app/crawl';
import { BrowserFetcher, type Fetcher, guardedAgent, HttpFetcher } from '@app/fetch';
import type { Logger } from '@app/observability';
import type { WorkerSettings } from '../settings.js';
import { postThrough } from '../webhooks/post-webhook.js';
import { secretsOf } from '../webhooks/signature.js';
import { WebhookDeliverer } from '../webhooks/webhook-deliverer.js';

export interface CrawlingOptions {
  settings: WorkerSettings;
  store: CrawlStore;
  /** Whom gates are leased to; each start of a process is another one. */
  holder: string;
  logger: Logger;
  observer?: CrawlObserver;
  /** Puts something before each fetcher. */
  through?: (fetcher: Fetcher) => Fetcher;
}

/** The engine, with all that a process gives it: ways to fetch pages, and a way for webhooks to leave. */
export class Crawling {
  readonly crawler: Crawler;
  readonly webhooks: WebhookDeliverer;
  readonly #closings: (() => Promise<void>)[];

  constructor({ settings, store, holder, logger, observer = {}, through = asItIs }: CrawlingOptions) {
    const { allowPrivate, chromium, maxBrowserPages } = settings;
    const http = new HttpFetcher({ allowPrivate });
    const browser = new BrowserFetcher({ allowPrivate, chromium, maxPages: maxBrowserPages });
    const agent = guardedAgent({ allowPrivate });
    this.webhooks = new WebhookDeliverer(
      store.outbox,
      postThrough(agent, secretsOf(settings.webhookSecret)),
      logger,
    );
    this.crawler = new Crawler({
      store,
      fetchers: { http: through(http), browser: through(browser) },
      holder: `${holder}/${randomUUID()}`,
      nodeId: holder,
      lineLevel: settings.taskLogLevel,
      gateLeaseMs: settings.gateLease,
      log: logger,
      observer,
    });
    this.#closings = [() => http.close(), () => browser.close(), () => agent.destroy()];
  }

  /** When no task runs any more, and before the store is closed. */
  async close(): Promise<void> {
    await this.crawler.close();
    await Promise.all(this.#closings.map((close) => close()));
  }
}

function asItIs(fetcher: Fetcher): Fetcher {
  return fetcher;
}

import type { CrawlStore, LogLimits } from '@app/crawl';
import { PostgresCrawlStore } from './postgres/postgres-crawl-store.js';
import { SqliteCrawlStore } from './sqlite/sqlite-crawl-store.js';
import type { StoreUrl } from './store-url.js';

/** Opens the store, which is made if it is not there yet. STORE_UNAVAILABLE when it cannot be used (now). */
export function openCrawlStore(
  store: StoreUrl,
  options: { logLimits?: LogLimits } = {},
): Promise<CrawlStore> {
  return store.kind === 'sqlite'
    ? SqliteCrawlStore.open(store.path, options)
    : PostgresCrawlStore.open(store.url, options);
}

import type { PageStore } from '@app/crawl';
import { SqlitePageStore } from './sqlite/sqlite-page-store.js';
import type { StoreUrl } from './store-url.js';

/** Opens the store, which is made if it is not there yet. STORE_UNAVAILABLE when it cannot be used (now). */
export function openPageStore({ path }: StoreUrl): Promise<PageStore> {
  return SqlitePageStore.open(path);
}

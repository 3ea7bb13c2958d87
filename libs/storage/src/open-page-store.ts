import type { PageStore } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import { SqlitePageStore } from './page-store/sqlite-page-store.js';
import type { StoreUrl } from './store-url.js';

/** Opens the store, which is made if it is not there yet. STORE_UNAVAILABLE when it cannot be used (now). */
export async function openPageStore(store: StoreUrl): Promise<PageStore> {
  if (store.kind === 'postgres') throw new OrbweaverError('INVALID_ARGUMENT', 'a store is sqlite:PATH');
  return SqlitePageStore.open(store.path);
}

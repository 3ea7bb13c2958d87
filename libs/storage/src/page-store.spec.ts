import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryPageStore, type PageStore } from '@app/crawl';
import { pageStoreContract, type StoreUnderTest } from './page-store.contract.js';
import { SqlitePageStore } from './sqlite/sqlite-page-store.js';

pageStoreContract('memory', async () => {
  const store = new MemoryPageStore();
  return { open: async () => store, remove: async () => {} };
});

pageStoreContract('SQLite', async (): Promise<StoreUnderTest> => {
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
  const opened: PageStore[] = [];
  return {
    async open() {
      const store = await SqlitePageStore.open(join(directory, 'data', 'store.db'));
      opened.push(store);
      return store;
    },
    async remove() {
      for (const store of opened) store.close();
      await rm(directory, { recursive: true });
    },
  };
});

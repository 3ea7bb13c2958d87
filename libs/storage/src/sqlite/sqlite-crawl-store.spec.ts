import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crawlStoreContract } from '../contract/crawl-store.contract.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';

crawlStoreContract('the SQLite store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
  const path = join(directory, 'store.db');
  let clock = Date.now();
  const now = () => clock;
  const store = await SqliteCrawlStore.open(path, { now });
  const other = await SqliteCrawlStore.open(path, { now });
  return {
    store,
    other,
    elapse: async (ms) => {
      clock += ms;
    },
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await rm(directory, { recursive: true });
    },
  };
});

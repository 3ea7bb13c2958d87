import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashContract } from '../contract/crash.contract.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';

crashContract('the SQLite store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
  const path = join(directory, 'store.db');
  const store = await SqliteCrawlStore.open(path);
  return {
    url: { kind: 'sqlite', path },
    store,
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

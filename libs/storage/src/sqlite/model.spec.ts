import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelContract } from '../contract/model.contract.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';

modelContract(
  'the SQLite store',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
    let clock = 0;
    const store = await SqliteCrawlStore.open(join(directory, 'store.db'), { now: () => clock });
    return {
      store,
      setClock: (at) => {
        clock = at;
      },
      close: async () => {
        await store.close();
        await rm(directory, { recursive: true });
      },
    };
  },
  200,
);

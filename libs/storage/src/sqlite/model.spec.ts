import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_LIMITS, type LogLimits } from '@app/crawl';
import { historyContract } from '../contract/history.contract.js';
import { logLimitsContract } from '../contract/log-limits.contract.js';
import { modelContract } from '../contract/model.contract.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';

modelContract('the SQLite store', withClock, 200);
historyContract('the SQLite store', () => withClock(LOG_LIMITS));
logLimitsContract('the SQLite store', async (limits) => {
  const directory = await newDirectory();
  const path = join(directory, 'store.db');
  let store = await SqliteCrawlStore.open(path, { logLimits: limits });
  return {
    store,
    reopen: async (logLimits) => {
      await store.close();
      return (store = await SqliteCrawlStore.open(path, { logLimits }));
    },
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

async function withClock(logLimits: LogLimits) {
  const directory = await newDirectory();
  let clock = 0;
  const store = await SqliteCrawlStore.open(join(directory, 'store.db'), { now: () => clock, logLimits });
  return {
    store,
    setClock: (at: number) => {
      clock = at;
    },
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'orbweaver-store-'));
}

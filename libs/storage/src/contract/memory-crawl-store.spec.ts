import { MemoryCrawlStore } from '@app/crawl';
import { crawlStoreContract } from './crawl-store.contract.js';
import { historyContract } from './history.contract.js';
import { logLimitsContract } from './log-limits.contract.js';

crawlStoreContract('the memory store', async () => {
  let now = Date.now();
  const store = new MemoryCrawlStore(() => now);
  return {
    store,
    other: store,
    elapse: async (ms) => {
      now += ms;
    },
    close: () => store.close(),
  };
});

logLimitsContract('the memory store', async (limits) => {
  const store = new MemoryCrawlStore(Date.now, limits);
  return { store, close: () => store.close() };
});

historyContract('the memory store', async () => {
  let clock = 0;
  const store = new MemoryCrawlStore(() => clock);
  return {
    store,
    setClock: (at) => {
      clock = at;
    },
    close: () => store.close(),
  };
});

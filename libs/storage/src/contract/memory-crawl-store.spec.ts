import { MemoryCrawlStore } from '@app/crawl';
import { crawlStoreContract } from './crawl-store.contract.js';

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

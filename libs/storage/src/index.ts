export { openCrawlStore } from './open-store.js';
export { parseStoreUrl } from './store-url.js';

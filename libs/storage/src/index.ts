export { openPageStore } from './open-page-store.js';
export { openCrawlStore } from './open-store.js';
export { parseStoreUrl } from './store-url.js';

export { openPageStore } from './open-page-store.js';
export { parseStoreUrl } from './store-url.js';

export type { FetchAnswer, FetchRequest, Fetcher } from './fetcher.js';
export { HttpFetcher } from './http-fetcher.js';
export { decodeText } from './charset/decode-text.js';
export { guardedAgent, isAddressRefused } from './guarded-agent.js';
export { BrowserFetcher } from './browser/browser-fetcher.js';

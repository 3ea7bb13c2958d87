export type { FetchAnswer, FetchRequest, Fetcher } from './fetcher.js';
export { HttpFetcher, type HttpFetcherOptions } from './http-fetcher.js';
export { decodeText } from './charset/decode-text.js';
export { guardedAgent, isAddressRefused } from './guarded-agent.js';
export { BrowserFetcher, type BrowserFetcherOptions } from './browser/browser-fetcher.js';

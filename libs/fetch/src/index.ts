export type { FetchAnswer, FetchRequest, Fetcher } from './fetcher.js';
export { HttpFetcher, type HttpFetcherOptions } from './http-fetcher.js';

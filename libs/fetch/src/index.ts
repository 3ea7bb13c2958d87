export type { FetchAnswer, FetchRequest, Fetcher } from './fetcher.js';

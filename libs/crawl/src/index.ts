export type { RunOutcome, Task, TaskProgress, TaskRunner, Tenure } from './task/task-runner.js';
export type {
  Claim,
  ClaimRequest,
  CrawlProgress,
  Discovery,
  FinishedPage,
  PageResult,
  PageStore,
  TakenPage,
} from './frontier/page-store.js';
export { MemoryPageStore } from './frontier/memory-page-store.js';
export { takesOver } from './frontier/take-over.js';
export { HttpFetcher } from './fetch/http-fetcher.js';
export { Crawler } from './engine/crawler.js';

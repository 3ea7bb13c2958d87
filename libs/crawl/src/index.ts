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
export type { AckAnswer, AckBatch, CrawlState, Frontier, OutboxMessage, RunEnd } from './store/frontier.js';
export type {
  GateAnswer,
  GateRequest,
  GateState,
  GateStore,
  HeldGate,
  HostState,
  StoredRobots,
} from './store/gate-store.js';
export type {
  CrawlProgress as NewCrawlProgress,
  FinishedPage as NewFinishedPage,
  PageQuery,
  Results,
  StoredItem,
} from './store/results.js';
export type { Outbox, OutboxEntry } from './store/outbox.js';
export type { CrawlStore } from './store/crawl-store.js';
export { MemoryCrawlStore } from './store/memory/memory-crawl-store.js';
export type {
  RunOutcome as NewRunOutcome,
  Task as NewTask,
  TaskRunner as NewTaskRunner,
} from './task/runner.js';
export type { HostWait } from './task/host-wait.js';
export type {
  Claim as NewClaim,
  ClaimRequest as NewClaimRequest,
  Discovery as NewDiscovery,
  PageResult as NewPageResult,
  TakenPage as NewTakenPage,
} from './store/frontier.js';
export { RobotsRules } from './politeness/robots/robots-rules.js';
export { Crawler as NewCrawler } from './engine/crawler.new.js';
export type { CrawlObserver } from './engine/crawl-parts.js';

export { Crawler } from './engine/crawler.js';
export { isForbidden } from './engine/run/run-end.js';
export type { LineLevel } from './engine/log/run-log.js';
export type { CrawlObserver } from './engine/crawl-parts.js';
export type { RunOutcome, Task, TaskRunner, Tenure } from './task/task-runner.js';
export type { CrawledHost } from './task/crawled-host.js';
export type { HostWait } from './task/host-wait.js';
export type { CrawlStore } from './store/crawl-store.js';
export type {
  AckAnswer,
  AckBatch,
  Claim,
  ClaimRequest,
  CrawlState,
  Discovery,
  Frontier,
  OutboxMessage,
  PageResult,
  RunEnd,
  TakenPage,
} from './store/frontier.js';
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
  CrawlHistory,
  CrawlProgress,
  FinishedPage,
  PageQuery,
  Results,
  StoredItem,
} from './store/results.js';
export { HISTORY_STEP_MS, HISTORY_STEPS } from './store/results.js';
export type { HistoryStep } from './store/results.js';
export { LOG_LIMITS } from './store/task-logs.js';
export type { LogLimits, LogLine, StoredLogLine, TaskLogs } from './store/task-logs.js';
export type { Outbox, OutboxEntry } from './store/outbox.js';
export { MemoryCrawlStore } from './store/memory/memory-crawl-store.js';
export { RobotsRules } from './politeness/robots/robots-rules.js';

import type { CrawlStore } from '../crawl-store.js';
import { LOG_LIMITS, type LogLimits } from '../task-logs.js';
import type { Crawl } from './crawl.js';
import { MemoryFrontier } from './memory-frontier.js';
import { MemoryGateStore } from './memory-gate-store.js';
import { MemoryOutbox } from './memory-outbox.js';
import { MemoryResults } from './memory-results.js';
import { MemoryTaskLogs } from './memory-task-logs.js';

/**
 * What a crawl store means, in the simplest form: nothing outlives the process. For tests, and as the model
 * that the durable stores are compared with.
 */
export class MemoryCrawlStore implements CrawlStore {
  readonly frontier: MemoryFrontier;
  readonly gates: MemoryGateStore;
  readonly results: MemoryResults;
  readonly outbox: MemoryOutbox;
  readonly logs: MemoryTaskLogs;

  /** The clock that all its times are counted by, in milliseconds since 1970. */
  constructor(now: () => number = Date.now, logLimits: LogLimits = LOG_LIMITS) {
    const crawls = new Map<string, Crawl>();
    this.outbox = new MemoryOutbox(now);
    this.logs = new MemoryTaskLogs(logLimits, now);
    this.frontier = new MemoryFrontier(crawls, this.outbox, this.logs, now);
    this.gates = new MemoryGateStore(now);
    this.results = new MemoryResults(crawls);
  }

  async close(): Promise<void> {}
}

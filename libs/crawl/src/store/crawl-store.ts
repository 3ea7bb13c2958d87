import type { Frontier } from './frontier.js';
import type { GateStore } from './gate-store.js';
import type { Outbox } from './outbox.js';
import type { Results } from './results.js';
import type { TaskLogs } from './task-logs.js';

/** Where crawls live, shared by all workers that name the same store. Adapters pass one contract suite. */
export interface CrawlStore {
  readonly frontier: Frontier;
  readonly gates: GateStore;
  readonly results: Results;
  readonly outbox: Outbox;
  readonly logs: TaskLogs;
  /** Resolves when everything that was called has settled. */
  close(): Promise<void>;
}

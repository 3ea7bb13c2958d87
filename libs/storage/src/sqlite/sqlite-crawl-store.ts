import {
  HISTORY_STEP_MS,
  HISTORY_STEPS,
  LOG_LIMITS,
  type CrawlStore,
  type Frontier,
  type GateStore,
  type LogLimits,
  type Outbox,
  type Results,
  type TaskLogs,
} from '@app/crawl';
import type { Retention } from './retention.js';
import { SqliteFrontier } from './sqlite-frontier.js';
import { StoreThread, type StoreThreadOptions } from './store-thread.js';

export interface SqliteOptions extends Partial<Pick<StoreThreadOptions, 'now' | 'startThread'>> {
  logLimits?: LogLimits;
}

/**
 * A crawl store in an SQLite file, which several processes of one machine may share. Time is the machine's wall
 * clock: theirs in common, and the only one that goes on through a restart. Set back, it prolongs leases and
 * waits by as much.
 */
export class SqliteCrawlStore implements CrawlStore {
  readonly frontier: Frontier;
  readonly gates: GateStore;
  readonly results: Results;
  readonly outbox: Outbox;
  readonly logs: TaskLogs;

  private constructor(private readonly thread: StoreThread) {
    this.frontier = new SqliteFrontier(thread);
    this.results = {
      progress: (resource) => thread.call('readProgress', resource),
      pages: (resource, query) => thread.call('listPages', resource, query),
      items: (resource, after, limit) => thread.call('listItems', resource, after, limit),
      history: (resource) => thread.call('readHistory', resource),
    };
    this.gates = {
      acquire: (holder, wanted, leaseMs) => thread.call('acquireGates', holder, wanted, leaseMs),
      renew: (holder, gates, leaseMs) => thread.call('renewGates', holder, gates, leaseMs),
      release: (holder, gates) => thread.call('releaseGates', holder, gates),
      robots: (origin) => thread.call('readRobots', origin),
      saveRobots: (origin, robots) => thread.call('saveRobots', origin, robots),
      gates: (hosts) => thread.call('listGates', hosts),
    };
    this.outbox = {
      lease: (limit, leaseMs) => thread.call('leaseMessages', limit, leaseMs),
      settle: (id, retryInMs) => thread.call('settleMessage', id, retryInMs),
    };
    this.logs = {
      append: (resource, lines) => thread.call('appendLines', resource, lines),
      read: (resource, after, limit) => thread.call('readLines', resource, after, limit),
      last: (resource) => thread.call('lastLine', resource),
    };
  }

  /** Makes the file if there is none. STORE_UNAVAILABLE when it cannot be used, FAILED_PRECONDITION when it is newer. */
  static async open(
    path: string,
    { now = Date.now, logLimits = LOG_LIMITS, startThread }: SqliteOptions = {},
  ): Promise<SqliteCrawlStore> {
    const history = { stepMs: HISTORY_STEP_MS, stepCount: HISTORY_STEPS };
    const retention: Retention = { log: logLimits, history };
    const thread = new StoreThread({ path, now, retention, ...(startThread && { startThread }) });
    try {
      await thread.call('readProgress', '');
    } catch (error) {
      await thread.close();
      throw error;
    }
    return new SqliteCrawlStore(thread);
  }

  close(): Promise<void> {
    return this.thread.close();
  }
}

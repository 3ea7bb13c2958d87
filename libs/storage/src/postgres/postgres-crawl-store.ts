import {
  LOG_LIMITS,
  type CrawlStore,
  type Frontier,
  type GateStore,
  type LogLimits,
  type Outbox,
  type Results,
  type TaskLogs,
} from '@app/crawl';
import { isOrbweaverError } from '@app/errors';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { appendLines } from './operations/append-lines.js';
import { readHistory } from './operations/history.js';
import { leaseMessages } from './operations/lease-messages.js';
import { listItems } from './operations/list-items.js';
import { listPages } from './operations/list-pages.js';
import { lastLine, readLines } from './operations/read-lines.js';
import { readProgress } from './operations/read-progress.js';
import { settleMessage } from './operations/settle-message.js';
import { PostgresFrontier } from './postgres-frontier.js';
import { PostgresGateStore } from './postgres-gate-store.js';
import { parsePostgresUrl } from './postgres-url.js';
import { Purge } from './purge.js';
import { openingError } from './store-error.js';

export interface PostgresOptions {
  /** How long a statement may take; the wait for a connection half of it. */
  timeLimitMs?: number;
  logLimits?: LogLimits;
}

/**
 * The crawl store in a schema of a PostgreSQL database, 13 or later, for workers that share no disk. Each operation
 * is one round trip and, as far as it writes, one transaction; each is in a file of its own. All times are counted by
 * the server's clock.
 */
export class PostgresCrawlStore implements CrawlStore {
  readonly frontier: Frontier;
  readonly gates: GateStore;
  readonly results: Results;
  readonly outbox: Outbox;
  readonly logs: TaskLogs;

  private constructor(
    private readonly database: Database,
    private readonly purge: Purge,
    logLimits: LogLimits,
  ) {
    this.frontier = new PostgresFrontier(database, purge, logLimits);
    this.gates = new PostgresGateStore(database);
    this.results = {
      progress: (resource) => readProgress(database, resource),
      pages: (resource, query) => listPages(database, resource, query),
      items: (resource, after, limit) => listItems(database, resource, after, limit),
      history: (resource) => readHistory(database, resource),
    };
    this.outbox = {
      lease: (limit, leaseMs) => leaseMessages(database, limit, leaseMs),
      settle: (id, retryInMs) => settleMessage(database, id, retryInMs),
    };
    this.logs = {
      append: (resource, lines) => appendLines(database, resource, lines, logLimits),
      read: (resource, after, limit) => readLines(database, resource, after, limit),
      last: (resource) => lastLine(database, resource),
    };
  }

  /**
   * Makes the schema where it is missing. INVALID_ARGUMENT for a URL that cannot be right, FAILED_PRECONDITION for a
   * database that refuses us or is not fit, STORE_UNAVAILABLE when it cannot be reached (now).
   */
  static async open(
    url: string,
    { timeLimitMs = TIME_LIMIT_MS, logLimits = LOG_LIMITS }: PostgresOptions = {},
  ): Promise<PostgresCrawlStore> {
    const database = new Database(parsePostgresUrl(url), timeLimitMs);
    try {
      await migrate(database);
    } catch (error) {
      await database.close();
      throw isOrbweaverError(error) && error.cause !== undefined
        ? openingError(database.label, error.cause)
        : error;
    }
    const purge = new Purge(database, logLimits);
    purge.start();
    return new PostgresCrawlStore(database, purge, logLimits);
  }

  async close(): Promise<void> {
    await this.purge.stop();
    await this.database.close();
  }
}

const TIME_LIMIT_MS = 10_000;

import type { CrawlStore, GateStore, Frontier, Outbox, Results } from '@app/crawl';
import { isOrbweaverError } from '@app/errors';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { leaseMessages } from './operations/lease-messages.js';
import { listItems } from './operations/list-items.js';
import { listPages } from './operations/list-pages.js';
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

  private constructor(
    private readonly database: Database,
    private readonly purge: Purge,
  ) {
    this.frontier = new PostgresFrontier(database, purge);
    this.gates = new PostgresGateStore(database);
    this.results = {
      progress: (resource) => readProgress(database, resource),
      pages: (resource, query) => listPages(database, resource, query),
      items: (resource, after, limit) => listItems(database, resource, after, limit),
    };
    this.outbox = {
      lease: (limit, leaseMs) => leaseMessages(database, limit, leaseMs),
      settle: (id, retryInMs) => settleMessage(database, id, retryInMs),
    };
  }

  /**
   * Makes the schema where it is missing. INVALID_ARGUMENT for a URL that cannot be right, FAILED_PRECONDITION for a
   * database that refuses us or is not fit, STORE_UNAVAILABLE when it cannot be reached (now).
   */
  static async open(
    url: string,
    { timeLimitMs = TIME_LIMIT_MS }: PostgresOptions = {},
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
    const purge = new Purge(database);
    purge.start();
    return new PostgresCrawlStore(database, purge);
  }

  async close(): Promise<void> {
    await this.purge.stop();
    await this.database.close();
  }
}

const TIME_LIMIT_MS = 10_000;

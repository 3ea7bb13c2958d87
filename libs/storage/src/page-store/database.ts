import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrbweaverError } from '@app/errors';
import Libsql from 'libsql';

export type Row = Readonly<Record<string, unknown>>;
type Value = string | number | bigint | null;

/**
 * One SQLite file, which several processes may have open. Its calls are synchronous, and short: what blocks
 * this thread blocks the renewal of leases too. So a file that another process is writing to is waited for
 * between attempts, not within.
 */
export class Database {
  readonly #statements = new Map<string, Libsql.Statement>();

  private constructor(
    readonly path: string,
    private readonly connection: Libsql.Database,
  ) {}

  static async open(path: string): Promise<Database> {
    let connection: Libsql.Database;
    try {
      mkdirSync(dirname(path), { recursive: true });
      connection = new Libsql(path);
    } catch (error) {
      throw unavailable(path, error);
    }
    const database = new Database(path, connection);
    try {
      await database.#whenFree(() => {
        connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
        connection.pragma('journal_mode = WAL');
        // A power failure may undo the last transactions, whole ones: their pages are fetched again.
        connection.pragma('synchronous = NORMAL');
      });
      return database;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Runs the work in a transaction that writes; repeats it while another process has the file. */
  transaction<T>(work: () => T): Promise<T> {
    return this.#whenFree(() => {
      this.connection.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.connection.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Runs work that only reads, one statement. */
  read<T>(work: () => T): Promise<T> {
    return this.#whenFree(work);
  }

  exec(sql: string): void {
    this.connection.exec(sql);
  }

  /** Gives the number of rows that were changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  close(): void {
    this.#statements.clear();
    this.connection.close();
  }

  #statement(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  async #whenFree<T>(attempt: () => T): Promise<T> {
    const deadlineAt = performance.now() + GIVE_UP_MS;
    for (let waitMs = 5; ; waitMs = Math.min(200, waitMs * 2)) {
      try {
        return attempt();
      } catch (error) {
        const code = codeOf(error);
        // A mistake of ours is none of the store's.
        if (!code.startsWith('SQLITE_')) throw error;
        const isBusy = code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
        if (!isBusy || performance.now() >= deadlineAt) throw unavailable(this.path, error);
      }
      await delay(waitMs * (0.5 + Math.random()));
    }
  }
}

const BUSY_TIMEOUT_MS = 50;
const GIVE_UP_MS = 15_000;

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function unavailable(path: string, cause: unknown): OrbweaverError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OrbweaverError('STORE_UNAVAILABLE', `the store ${path}: ${message}`, { cause });
}

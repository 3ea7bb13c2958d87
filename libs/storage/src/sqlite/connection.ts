import Libsql from 'libsql';

export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | bigint | Uint8Array | null;

/** An open SQLite file. Its calls block: it belongs to the store's own thread. */
export class Connection {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();

  constructor(path: string) {
    this.#database = new Libsql(path);
  }

  /** What every connection is set to. Writes to the file when it is new. */
  configure(): void {
    this.#database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    this.#database.pragma('journal_mode = WAL');
    // A power failure may undo the last transactions, whole ones: their pages are fetched again.
    this.#database.pragma('synchronous = NORMAL');
    this.#database.pragma(`cache_size = -${CACHE_KIB}`);
    this.#database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.#database.pragma(`journal_size_limit = ${WAL_BYTES}`);
  }

  /** Runs the work in a transaction that writes, or not at all. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Gives how many rows were changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(values).changes;
  }

  /** Gives the number of the row. */
  insert(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(values).lastInsertRowid);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(values) as Row | undefined;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(values) as Row[];
  }

  /** Rows as they are asked for. */
  iterate(sql: string, ...values: Value[]): IterableIterator<Row> {
    return this.#statement(sql).iterate(values) as IterableIterator<Row>;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A file that another process is writing to is waited for between attempts, where the thread can be stopped. */
const BUSY_TIMEOUT_MS = 50;
const CACHE_KIB = 32 * 1024;
/** Of 4 KiB. Pages that many transactions change are then written back once. */
const CHECKPOINT_PAGES = 4_000;
const WAL_BYTES = 64 * 1024 * 1024;

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from './connection.js';
import { migrate } from './schema.js';
import { isBusy, isFull, storeError, unavailable } from './sqlite-error.js';

/**
 * The file of a store, which several processes may have open. One that another process is writing to is waited
 * for; one that is broken or gone is opened again with each use, until somebody has mended it. It is made once:
 * a file that is missing later was taken away, and an empty one in its place would only hide that.
 */
export class StoreFile {
  #connection: Connection | undefined;
  #identity: string | undefined;

  constructor(
    private readonly path: string,
    private readonly onOpened: () => void = () => undefined,
    private readonly giveUpMs = 15_000,
  ) {}

  /** Runs work that only reads. */
  read<T>(work: (db: Connection) => T): Promise<T> {
    return this.#whenFree(work);
  }

  /** Runs the work in a transaction; nothing of it is done when it fails. */
  write<T>(work: (db: Connection) => T): Promise<T> {
    return this.#whenFree((db) => db.transaction(() => work(db)));
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #whenFree<T>(attempt: (db: Connection) => T): Promise<T> {
    const deadlineAt = performance.now() + this.giveUpMs;
    for (let waitMs = 5; ; waitMs = Math.min(200, waitMs * 2)) {
      try {
        return attempt(this.#open());
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadlineAt) throw this.#failure(error);
      }
      await delay(waitMs * (0.5 + Math.random()));
    }
  }

  #open(): Connection {
    if (this.#identity !== undefined && identityOf(this.path) !== this.#identity) {
      this.close();
      if (identityOf(this.path) === undefined) throw unavailable(this.path, 'somebody has removed the file');
    }
    return (this.#connection ??= this.#connect());
  }

  #connect(): Connection {
    mkdirSync(dirname(this.path), { recursive: true });
    const connection = new Connection(this.path);
    try {
      connection.configure();
      migrate(connection, this.path);
    } catch (error) {
      connection.close();
      throw error;
    }
    this.#identity = identityOf(this.path);
    this.onOpened();
    return connection;
  }

  #failure(error: unknown): unknown {
    const failure = storeError(this.path, error);
    if (failure !== error && !isBusy(error) && !isFull(error)) this.close();
    return failure;
  }
}

/** SQLite goes on with a file that was removed or replaced, and nobody would find again what it writes. */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

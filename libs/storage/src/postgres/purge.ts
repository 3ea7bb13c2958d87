import type { LogLimits } from '@app/crawl';
import type { Database } from './database.js';
import { purgeSome } from './operations/purge-some.js';
import { trimSome } from './operations/trim-log.js';

/**
 * Removes crawls that others replaced, and lines of logs that are too old, in steps, beside everything else; looks
 * again when started, and every hour. What is left over, the next start removes.
 */
export class Purge {
  #running = false;
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly logLimits: LogLimits,
  ) {}

  start(): void {
    if (this.#running || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#running = true;
    this.#ended = this.#run();
  }

  /** Resolves when the step that is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    return this.#ended;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && (await purgeSome(this.database)));
      while (!this.#stopped && (await trimSome(this.database, this.logLimits)));
    } catch {
      // Nobody waits for it, and nothing depends on it; the store's state is for those to report who use it.
    } finally {
      this.#running = false;
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), HOUR_MS).unref();
    }
  }
}

const HOUR_MS = 3_600_000;

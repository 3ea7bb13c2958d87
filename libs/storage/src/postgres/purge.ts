import type { Database } from './database.js';
import { purgeSome } from './operations/purge-some.js';

/** Removes crawls that others replaced, in steps, beside everything else. What is left over, the next start removes. */
export class Purge {
  #running = false;
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(private readonly database: Database) {}

  start(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    this.#ended = this.#run();
  }

  /** Resolves when the step that is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.#ended;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && (await purgeSome(this.database)));
    } catch {
      // Nobody waits for it, and nothing depends on it; the store's state is for those to report who use it.
    } finally {
      this.#running = false;
    }
  }
}

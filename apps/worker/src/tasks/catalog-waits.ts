import type { TaskCatalog } from './task-catalog.js';

/**
 * Those who wait for the worker's own catalog to say another thing of a name, one for each name. A hundred thousand
 * may miss theirs: one look at the names that there are does for all of them, and etcd is not asked.
 */
export class CatalogWaits {
  readonly #missing = new Map<string, () => void>();
  #isLooking = false;

  constructor(
    private readonly catalog: Pick<TaskCatalog, 'names'>,
    private readonly lookAgainMs = LOOK_AGAIN_MS,
  ) {}

  /** Wakes once. Gives what gives that up. */
  once(name: string, was: 'wrong' | 'missing', wake: () => void): () => void {
    if (was === 'wrong') {
      const timer = setTimeout(wake, this.lookAgainMs).unref();
      return () => clearTimeout(timer);
    }
    this.#missing.set(name, wake);
    this.#lookLater();
    return () => {
      if (this.#missing.get(name) === wake) this.#missing.delete(name);
    };
  }

  #lookLater(): void {
    if (this.#isLooking || this.#missing.size === 0) return;
    this.#isLooking = true;
    setTimeout(() => void this.#look(), this.lookAgainMs).unref();
  }

  async #look(): Promise<void> {
    try {
      for (const name of await this.catalog.names()) {
        const wake = this.#missing.get(name);
        this.#missing.delete(name);
        wake?.();
      }
    } finally {
      this.#isLooking = false;
      this.#lookLater();
    }
  }
}

/** How long a task that was put into the catalog may stay unnoticed. */
const LOOK_AGAIN_MS = 3_000;

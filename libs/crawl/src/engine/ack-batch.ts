import type { Claim, Discovery, PageResult, PageStore } from '../frontier/page-store.js';

/**
 * Gathers the results of a run into few transactions: one for some hundred pages or some tens of milliseconds,
 * whichever comes first.
 */
export class AckBatch {
  #results: PageResult[] = [];
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #room: number;
  /** Most links lead to what is known: these are answered here, the store decides the rest. */
  #seen = new Set<string>();

  /** `onFailure` hears of what went wrong at once; `flush` rejects with it as well. */
  constructor(
    private readonly store: PageStore,
    private readonly claim: Claim,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.#room = claim.room;
  }

  /** How many more pages the crawl may discover, as of the last transaction. */
  get room(): number {
    return this.#room;
  }

  add(result: PageResult): void {
    this.#results.push({ ...result, discovered: result.discovered.filter((page) => this.#isNews(page)) });
    if (this.#results.length >= MAX_RESULTS) void this.flush().catch(() => {});
    else this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), MAX_WAIT_MS);
  }

  /** Resolves when all that was added before is durable. After a failure nothing is written any more. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const results = this.#results;
    this.#results = [];
    this.#last = this.#last.then(() => this.#write(results));
    return this.#last;
  }

  async #write(results: PageResult[]): Promise<void> {
    if (results.length === 0) return;
    try {
      ({ room: this.#room } = await this.store.ack(this.claim, results));
    } catch (error) {
      this.onFailure(error);
      throw error;
    }
  }

  #isNews({ url }: Discovery): boolean {
    if (this.#seen.has(url)) return false;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(url);
    return true;
  }
}

const MAX_RESULTS = 200;
const MAX_WAIT_MS = 25;
const MAX_SEEN = 200_000;

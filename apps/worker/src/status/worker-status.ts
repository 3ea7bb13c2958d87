import type { PageResult } from '@app/crawl';
import { productVersion } from '@app/config';
import type { worker as proto } from '@app/proto';
import type { Roster } from '../assignment/roster.js';
import type { LifeCycle } from '../life-cycle/life-cycle.js';
import type { StoreCondition } from '../store/store-condition.js';
import { PageRate } from './page-rate.js';
import { timestamp } from './timestamp.js';

/** What this worker says of itself. */
export class WorkerStatus {
  readonly #startedAt = Date.now();
  readonly #rate = new PageRate();
  #pageCount = 0n;
  #errorCount = 0n;

  constructor(
    private readonly id: string,
    private readonly lifeCycle: LifeCycle,
    private readonly roster: Pick<Roster, 'counts' | 'size'>,
    private readonly store: StoreCondition,
  ) {}

  count(result: PageResult): void {
    this.#rate.count();
    this.#pageCount++;
    if (result.state === 'failed') this.#errorCount++;
  }

  worker(): proto.WorkerStatus {
    return {
      id: this.id,
      state: this.lifeCycle.state,
      startedAt: timestamp(this.#startedAt),
      assigned: this.roster.size,
      running: this.roster.counts().running,
      pages: this.#pageCount,
      errors: this.#errorCount,
      pagesPerSecond: this.#rate.perSecond(),
      version: productVersion(),
      memory: BigInt(process.memoryUsage.rss()),
      store: this.store.health(),
    };
  }
}

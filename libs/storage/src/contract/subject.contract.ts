import type { CrawlStore } from '@app/crawl';

export interface StoreUnderTest {
  /** With what the suite's earlier tests left in it, or empty: each test has resources and hosts of its own. */
  readonly store: CrawlStore;
  /** The same store as another process has it open; the same object where there is only one. */
  readonly other: CrawlStore;
  /** Lets this much time pass on the store's clock, which stands still otherwise. */
  elapse(ms: number): Promise<void>;
  /** Closes both and removes what they made. */
  close(): Promise<void>;
}

export type Subject = () => StoreUnderTest;

import type { CrawlStore } from '@app/crawl';
import { frontierAckContract } from './frontier-ack.contract.js';
import { frontierClaimContract } from './frontier-claim.contract.js';
import { frontierTakeContract } from './frontier-take.contract.js';
import { gateContract } from './gates.contract.js';
import { outboxContract } from './outbox.contract.js';
import { resultsContract } from './results.contract.js';

export interface StoreUnderTest {
  /** With what the suite's earlier tests left in it, or empty: each test has resources and hosts of its own. */
  readonly store: CrawlStore;
  /** The same store as another process has it open; the same object where there is only one. */
  readonly other: CrawlStore;
  /** Resolves when this much time has passed on the store's clock. At most some 100 ms are asked for. */
  elapse(ms: number): Promise<void>;
  /** Closes both and removes what they made. */
  close(): Promise<void>;
}

export type Subject = () => StoreUnderTest;

/** What every adapter of the crawl store promises. Real time may pass by the way: waits are compared roughly. */
export function crawlStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}, as a crawl store`, () => {
    let subject: StoreUnderTest;
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject.close());

    frontierClaimContract(() => subject);
    frontierTakeContract(() => subject);
    frontierAckContract(() => subject);
    resultsContract(() => subject);
    outboxContract(() => subject);
    gateContract(() => subject);
  });
}

import { frontierAckContract } from './frontier-ack.contract.js';
import { frontierClaimContract } from './frontier-claim.contract.js';
import { frontierTakeContract } from './frontier-take.contract.js';
import { gateContract } from './gates.contract.js';
import { outboxContract } from './outbox.contract.js';
import { resultsContract } from './results.contract.js';
import type { StoreUnderTest } from './subject.contract.js';
import { taskLogsContract } from './task-logs.contract.js';

/** What every adapter of the crawl store promises. */
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
    taskLogsContract(() => subject);
  });
}

import type { AckAnswer, AckBatch, Frontier, Claim, ClaimRequest, TakenPage, RunEnd } from '@app/crawl';
import type { Held } from './operations/held-crawl.js';
import type { StoreThread } from './store-thread.js';

export class SqliteFrontier implements Frontier {
  constructor(private readonly thread: StoreThread) {}

  async claim(request: ClaimRequest): Promise<Claim> {
    const held = await this.thread.call('claim', request);
    // From here on nobody but the new owner writes. If this process dies in between, the next claim goes on.
    while (await this.thread.call('requeue', held)) continue;
    return this.thread.call('readClaim', held);
  }

  hosts(claim: Claim, except: readonly string[], limit: number): ReturnType<Frontier['hosts']> {
    return this.thread.call('listHosts', heldBy(claim), except, limit);
  }

  take(claim: Claim, host: string, limit: number, held: readonly number[]): Promise<TakenPage[]> {
    return this.thread.call('take', heldBy(claim), host, limit, held);
  }

  ack(claim: Claim, batch: AckBatch): Promise<AckAnswer> {
    return this.thread.call('ack', heldBy(claim), batch);
  }

  async failHost(claim: Claim, host: string, reason: string): Promise<number> {
    let count = 0;
    for (let failed = FAILED_AT_ONCE; failed === FAILED_AT_ONCE; count += failed) {
      failed = await this.thread.call('failHost', heldBy(claim), host, reason, FAILED_AT_ONCE);
    }
    return count;
  }

  finish(claim: Claim, end: RunEnd): Promise<void> {
    return this.thread.call('finish', heldBy(claim), end);
  }

  release(claim: Claim): Promise<void> {
    return this.thread.call('release', heldBy(claim));
  }
}

/** A claim's memory may be large, and the thread knows it. */
function heldBy({ resource, crawlId, number }: Claim): Held {
  return { resource, crawlId, number };
}

const FAILED_AT_ONCE = 2_000;

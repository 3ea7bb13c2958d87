import type {
  AckAnswer,
  AckBatch,
  Frontier,
  Claim,
  ClaimRequest,
  LogLimits,
  TakenPage,
  RunEnd,
} from '@app/crawl';
import type { Database } from './database.js';
import { ack } from './operations/ack.js';
import { claim } from './operations/claim.js';
import { failHost } from './operations/fail-host.js';
import { finish } from './operations/finish.js';
import { fenced } from './operations/hold.js';
import { hosts } from './operations/hosts.js';
import { release } from './operations/release.js';
import { take } from './operations/take.js';
import type { Purge } from './purge.js';

export class PostgresFrontier implements Frontier {
  constructor(
    private readonly database: Database,
    private readonly purge: Purge,
    private readonly logLimits: LogLimits,
  ) {}

  async claim(request: ClaimRequest): Promise<Claim> {
    const { claim: claimed, replaced } = await claim(this.database, request);
    if (replaced) this.purge.start();
    return claimed;
  }

  hosts(
    held: Claim,
    except: readonly string[],
    limit: number,
  ): Promise<{ hosts: string[]; nextInMs: number | undefined; unfinishedCount: number }> {
    return hosts(this.database, held, except, limit);
  }

  take(held: Claim, host: string, limit: number, inHand: readonly number[]): Promise<TakenPage[]> {
    return take(this.database, held, host, limit, inHand);
  }

  ack(held: Claim, batch: AckBatch): Promise<AckAnswer> {
    return fenced(held, ack(this.database, held, batch, this.logLimits));
  }

  failHost(held: Claim, host: string, reason: string): Promise<number> {
    return fenced(held, failHost(this.database, held, host, reason));
  }

  finish(held: Claim, end: RunEnd): Promise<void> {
    return fenced(held, finish(this.database, held, end, this.logLimits));
  }

  release(held: Claim): Promise<void> {
    return release(this.database, held);
  }
}

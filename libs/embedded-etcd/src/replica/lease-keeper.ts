import { randomBytes } from 'node:crypto';
import { operations } from './operations.js';
import type { Replica } from './replica.js';
import type { StateMachine } from './state-machine.js';

/**
 * The life of leases in time: what needs a timer, or has to be in the log before it counts. A lease ends by a
 * revocation in the log like any other; between the end of its time and that entry it can no longer be renewed.
 */
export interface LeaseKeeperOptions {
  /** Whether what is left of each lease is recorded, so that it goes on after a restart. */
  readonly checkpoints: boolean;
  readonly onError: (error: unknown) => void;
}

const CHECKPOINT_TICK_MS = 1000;
/** What a timer can wait for. */
const MAX_TIMER_MS = 2 ** 31 - 1;

type Granted = ReturnType<StateMachine['grantLease']>;
type Revoked = ReturnType<StateMachine['revokeLease']>;

export class LeaseKeeper {
  private expiryTimer: NodeJS.Timeout | undefined;
  private expiryAt = Infinity;
  private checkpointTimer: NodeJS.Timeout | undefined;
  private readonly ending = new Map<bigint, Promise<unknown>>();
  private stopped = false;

  constructor(
    private readonly replica: Replica,
    private readonly clock: () => number,
    private readonly options: LeaseKeeperOptions,
  ) {}

  start(): void {
    this.schedule();
    if (!this.options.checkpoints) return;
    this.checkpointTimer = setInterval(() => {
      this.checkpoint('due').catch(this.options.onError);
    }, CHECKPOINT_TICK_MS);
    this.checkpointTimer.unref();
  }

  /** Records what is left of each lease. The replica has to run still. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.expiryTimer);
    clearInterval(this.checkpointTimer);
    if (this.options.checkpoints) await this.checkpoint('all');
  }

  async grant(ID: bigint, TTL: number): Promise<Granted> {
    return this.replica.propose(operations.leaseGrant, { ID: ID === 0n ? this.freeId() : ID, TTL });
  }

  async revoke(ID: bigint): Promise<Revoked> {
    return this.replica.propose(operations.leaseRevoke, { ID });
  }

  /** The seconds that the lease has again; 0 when there is no such lease. */
  async renew(ID: bigint): Promise<number> {
    const { lessor } = this.replica.machine;
    if (!lessor.has(ID)) return 0;
    if (lessor.isExpired(ID)) {
      // Its keys are gone when the client hears of its end.
      this.expire();
      await this.ending.get(ID);
      return 0;
    }
    const { ttlSeconds } = lessor.renew(ID);
    if (lessor.hasCheckpoint(ID)) {
      const checkpoints = [{ ID, remainingMs: ttlSeconds * 1000 }];
      await this.replica.propose(operations.leaseCheckpoint, { checkpoints });
    }
    return ttlSeconds;
  }

  /** To be called when a lease may end sooner than was known. */
  schedule(): void {
    const at = this.replica.machine.lessor.nextExpiryAt ?? Infinity;
    if (this.stopped || at >= this.expiryAt) return;
    clearTimeout(this.expiryTimer);
    this.expiryAt = at;
    this.expiryTimer = setTimeout(
      () => {
        this.expiryAt = Infinity;
        this.expire();
        this.schedule();
      },
      Math.min(Math.max(0, Math.ceil(at - this.clock())), MAX_TIMER_MS),
    );
    this.expiryTimer.unref();
  }

  private expire(): void {
    for (const id of this.replica.machine.lessor.takeExpired()) {
      const ended = this.revoke(id)
        .catch((error: unknown) => {
          // A client was quicker to revoke it.
          if (this.replica.machine.lessor.has(id)) this.options.onError(error);
        })
        .finally(() => this.ending.delete(id));
      this.ending.set(id, ended);
    }
  }

  private async checkpoint(which: 'due' | 'all'): Promise<void> {
    const checkpoints = this.replica.machine.lessor
      .takeCheckpoints(which)
      .map(({ id, remainingMs }) => ({ ID: id, remainingMs }));
    if (checkpoints.length > 0) await this.replica.propose(operations.leaseCheckpoint, { checkpoints });
  }

  /** A random positive number: leases of different stores, or of this one before it was emptied, do not meet. */
  private freeId(): bigint {
    for (;;) {
      const id = randomBytes(8).readBigUInt64BE() >> 1n;
      if (id !== 0n && !this.replica.machine.lessor.has(id)) return id;
    }
  }
}

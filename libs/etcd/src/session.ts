import { isOrbweaverError, OrbweaverError } from '@app/errors';
import { Backoff, pause } from './backoff.js';
import type { Connections } from './connections.js';
import type { EtcdClient } from './etcd-client.js';
import { KeepAlive } from './keep-alive.js';
import { LeaseDeadline, marginMs, type Clock } from './lease-deadline.js';
import { LEASE } from './methods.js';
import { encodeLeaseGrant, encodeLeaseId } from './wire/requests.js';

export interface SessionOptions {
  /** At least 1000. etcd counts in seconds, so the lease itself may live a little longer. */
  ttlMs: number;
  /** A third of the TTL by default. */
  keepAliveIntervalMs?: number;
  /** Gives up opening. An open session ends by `close()` or by its loss. */
  signal?: AbortSignal;
  clock?: Clock;
}

/**
 * A lease that is kept alive, and that knows by itself when it must no longer be relied on.
 *
 * `lost` fires before etcd can end the lease (see LeaseDeadline), however little can be heard of etcd, and once it
 * has fired it is over: whoever wants to go on opens a new session. Timers run late in a process that was stopped
 * or is busy, so right before an act that nothing else guards, ask `alive()`: it looks at the clock.
 */
export class Session {
  readonly #lost = new AbortController();
  readonly #keepAlive: KeepAlive;
  #timer: NodeJS.Timeout | undefined;
  #lastError: OrbweaverError | undefined;

  private constructor(
    readonly leaseId: bigint,
    private readonly connections: Connections,
    private readonly deadline: LeaseDeadline,
    intervalMs: number,
  ) {
    this.#keepAlive = new KeepAlive(connections, leaseId);
    this.#checkAtDeadline();
    void this.#run(intervalMs);
  }

  static async open(client: EtcdClient, options: SessionOptions): Promise<Session> {
    const { ttlMs, signal, clock = performance } = options;
    const intervalMs = options.keepAliveIntervalMs ?? ttlMs / 3;
    if (!(ttlMs >= 1_000))
      throw new OrbweaverError('INVALID_ARGUMENT', `a TTL is at least 1 s, not ${ttlMs} ms`);
    if (!(intervalMs > 0 && intervalMs < ttlMs - marginMs(ttlMs))) {
      const most = ttlMs - marginMs(ttlMs);
      throw new OrbweaverError(
        'INVALID_ARGUMENT',
        `with a TTL of ${ttlMs} ms, keep-alives go every 1 to ${most} ms, not every ${intervalMs} ms`,
      );
    }
    const sentAt = clock.now();
    const lease = await client.connections.write(LEASE.grant, encodeLeaseGrant(Math.ceil(ttlMs / 1_000)), {
      signal,
    });
    const grantedMs = Math.min(ttlMs, Number(lease.ttlSeconds) * 1_000);
    const deadline = new LeaseDeadline(grantedMs, clock, sentAt);
    return new Session(lease.leaseId, client.connections, deadline, intervalMs);
  }

  get ttlMs(): number {
    return this.deadline.ttlMs;
  }

  /** Fires once; the reason is an OrbweaverError LEASE_LOST. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Until our own deadline; not above 0 when the session is lost. */
  remainingMs(): number {
    return this.lost.aborted ? 0 : this.deadline.remainingMs();
  }

  alive(): boolean {
    if (this.remainingMs() > 0) return true;
    this.#lose('not renewed in time');
    return false;
  }

  /**
   * Gives the lease back, and with it all keys attached to it. `lost` fires first. Rejects when etcd does not
   * answer: the lease then ends by itself.
   */
  async close(): Promise<void> {
    this.#lose('closed');
    try {
      await this.connections.repeatable(LEASE.revoke, encodeLeaseId(this.leaseId));
    } catch (error) {
      if (!isOrbweaverError(error, 'LEASE_LOST')) throw error;
    }
  }

  async #run(intervalMs: number): Promise<void> {
    const backoff = new Backoff();
    await pause(intervalMs, this.lost);
    while (this.alive()) {
      const sentAt = this.deadline.clock.now();
      const timeoutMs = Math.min(intervalMs, this.connections.requestTimeoutMs, this.remainingMs());
      try {
        const ttlSeconds = await this.#keepAlive.send(timeoutMs);
        if (ttlSeconds <= 0n) return this.#lose('etcd has ended it');
        this.deadline.renewed(sentAt);
        this.#lastError = undefined;
        backoff.reset();
        await pause(intervalMs, this.lost);
      } catch (error) {
        this.#lastError = error as OrbweaverError;
        await backoff.wait(this.lost);
      }
    }
  }

  #checkAtDeadline(): void {
    this.#timer = setTimeout(() => {
      if (this.alive()) this.#checkAtDeadline();
    }, Math.ceil(this.deadline.remainingMs()));
  }

  #lose(why: string): void {
    if (this.lost.aborted) return;
    clearTimeout(this.#timer);
    this.#keepAlive.close();
    const message = `the lease ${this.leaseId.toString(16)} is lost: ${why}`;
    this.#lost.abort(new OrbweaverError('LEASE_LOST', message, { cause: this.#lastError }));
  }
}

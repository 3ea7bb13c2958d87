import { EtcdError } from '../etcd-error.js';
import type { LeaseBook } from '../mvcc/writer.js';
import { ExpiryHeap } from './expiry-heap.js';

/**
 * Leases, and which keys belong to them. Grants, revocations and checkpoints are decided elsewhere and made
 * durable before they get here; a renewal is not recorded, unless a checkpoint says that less is left.
 *
 * What a checkpoint records is never less than what is left in truth, so that a lease whose keep-alive was
 * answered cannot end early because of a restart.
 */
export interface Lease {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly keys: ReadonlySet<string>;
}

/** Milliseconds on a clock that never steps back. */
export type Clock = () => number;

/** etcd derives it from its election timeout; there is no election here. */
const MIN_TTL_SECONDS = 1;
const MAX_TTL_SECONDS = 9_000_000_000;

/** A lease is recorded each tenth of its TTL, but not more often than each second. */
const checkpointIntervalMs = ({ ttlSeconds }: Lease): number => Math.max(1000, ttlSeconds * 100);

export class Lessor implements LeaseBook {
  private readonly leases = new Map<bigint, Entry>();
  private readonly byExpiry = new ExpiryHeap<Entry>();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.leases.size;
  }

  has(id: bigint): boolean {
    return this.leases.has(id);
  }

  get(id: bigint): Lease | undefined {
    return this.leases.get(id);
  }

  grant(id: bigint, ttlSeconds: number): Lease {
    if (id === 0n) throw new EtcdError('LeaseNotFound');
    if (ttlSeconds > MAX_TTL_SECONDS) throw new EtcdError('LeaseTTLTooLarge');
    if (this.leases.has(id)) throw new EtcdError('LeaseExist');
    const ttl = Math.max(ttlSeconds, MIN_TTL_SECONDS);
    return this.add(id, ttl, ttl * 1000);
  }

  /** Forgets the lease; its keys are the caller's to delete. */
  revoke(id: bigint): void {
    const entry = this.leases.get(id);
    if (entry === undefined) throw new EtcdError('LeaseNotFound');
    this.leases.delete(id);
    this.byExpiry.remove(entry);
  }

  attach(id: bigint, key: string): void {
    this.leases.get(id)?.keys.add(key);
  }

  detach(id: bigint, key: string): void {
    this.leases.get(id)?.keys.delete(key);
  }

  remainingMs(id: bigint): number {
    return this.require(id).expiresAt - this.clock();
  }

  /** Whether the lease's time is over. It stays until it is revoked. */
  isExpired(id: bigint): boolean {
    return this.remainingMs(id) <= 0;
  }

  /** Whether the full time has to be recorded before the next renewal is answered. */
  hasCheckpoint(id: bigint): boolean {
    const entry = this.require(id);
    return entry.recordedMs < entry.ttlSeconds * 1000;
  }

  renew(id: bigint): Lease {
    const entry = this.require(id);
    entry.expiresAt = this.clock() + entry.ttlSeconds * 1000;
    entry.checkpointedAt = this.clock();
    this.byExpiry.update(entry);
    return entry;
  }

  /** Records how much is left of a lease that may have gone meanwhile. */
  checkpoint(id: bigint, remainingMs: number): void {
    const entry = this.leases.get(id);
    if (entry !== undefined) entry.recordedMs = remainingMs;
  }

  /**
   * What is left of each lease for which that should be recorded again, or of all. They count as recorded from
   * here on: a renewal that comes before the record is written has to be written after it.
   */
  takeCheckpoints(which: 'due' | 'all'): Checkpoint[] {
    const now = this.clock();
    const checkpoints: Checkpoint[] = [];
    for (const entry of this.leases.values()) {
      const remainingMs = Math.ceil(entry.expiresAt - now);
      const due = which === 'all' || now - entry.checkpointedAt >= checkpointIntervalMs(entry);
      if (!due || remainingMs <= 0) continue;
      entry.checkpointedAt = now;
      entry.recordedMs = remainingMs;
      checkpoints.push({ id: entry.id, remainingMs });
    }
    return checkpoints;
  }

  /** When the next lease expires, on the clock. */
  get nextExpiryAt(): number | undefined {
    return this.byExpiry.first?.expiresAt;
  }

  /** The leases whose time is over, each once. */
  takeExpired(): bigint[] {
    const now = this.clock();
    const expired: bigint[] = [];
    for (let first = this.byExpiry.first; first && first.expiresAt <= now; first = this.byExpiry.first) {
      this.byExpiry.remove(first);
      expired.push(first.id);
    }
    return expired;
  }

  /** In the order in which they expire. */
  list(): Lease[] {
    return [...this.leases.values()].sort((a, b) => a.expiresAt - b.expiresAt);
  }

  capture(): LeaseImage[] {
    return [...this.leases.values()].map(({ id, ttlSeconds, recordedMs }) => ({
      id,
      ttlSeconds,
      remainingMs: recordedMs,
    }));
  }

  restore(images: Iterable<LeaseImage>): void {
    for (const { id, ttlSeconds, remainingMs } of images) this.add(id, ttlSeconds, remainingMs);
  }

  /** After a restart: every lease goes on with the time that was recorded last. */
  resume(): void {
    const now = this.clock();
    for (const entry of this.leases.values()) {
      entry.expiresAt = now + entry.recordedMs;
      entry.checkpointedAt = now;
      this.byExpiry.update(entry);
    }
  }

  private add(id: bigint, ttlSeconds: number, remainingMs: number): Entry {
    const now = this.clock();
    const entry: Entry = {
      id,
      ttlSeconds,
      keys: new Set(),
      recordedMs: remainingMs,
      expiresAt: now + remainingMs,
      checkpointedAt: now,
      heapPosition: -1,
    };
    this.leases.set(id, entry);
    this.byExpiry.add(entry);
    return entry;
  }

  private require(id: bigint): Entry {
    const entry = this.leases.get(id);
    if (entry === undefined) throw new EtcdError('LeaseNotFound');
    return entry;
  }
}

export interface Checkpoint {
  readonly id: bigint;
  readonly remainingMs: number;
}

export interface LeaseImage extends Checkpoint {
  readonly ttlSeconds: number;
}

interface Entry extends Lease {
  readonly keys: Set<string>;
  expiresAt: number;
  checkpointedAt: number;
  recordedMs: number;
  heapPosition: number;
}

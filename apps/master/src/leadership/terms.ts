import { isOrbweaverError } from '@app/errors';
import type { Leader, Leadership } from '@app/election';
import { compare, op, type EtcdClient, type KeyValue, type Op } from '@app/etcd';
import type { Logger } from '@app/observability';
import { keys } from '@app/resources';
import { Latest } from './latest.js';
import {
  decodeTermEnd,
  decodeTermRecord,
  encodeTermEnd,
  encodeTermRecord,
  type TermEnd,
  type TermRecord,
} from './term-record.js';

/**
 * When the present term began and why the last one ended, as etcd keeps it, the same for all masters. Who resigns
 * leaves a note in the transaction that deletes its key. Of a term that ended without one, whoever sees its end
 * finds out the cause and writes it down; the first to do so is believed, but for the leader itself, should it live.
 *
 * It tells people what happened: nothing is decided by it.
 */
export class Terms {
  readonly present = new Latest<TermRecord | undefined>(undefined);
  readonly lastEnd = new Latest<TermEnd | undefined>(undefined);

  constructor(
    private readonly etcd: EtcdClient,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    for await (const batch of this.etcd.follow([keys.terms], { signal })) {
      if (batch.kind === 'snapshot') for (const kv of batch.entries) this.see(kv);
      else if (batch.kind === 'events')
        for (const { type, kv } of batch.events) if (type === 'put') this.see(kv);
    }
  }

  /** Why that term ended, as soon as it is known, unless that takes longer. */
  async endOf(term: bigint, timeoutMs: number): Promise<TermEnd | undefined> {
    const known = (end: TermEnd | undefined): boolean => (end?.term ?? 0n) >= term;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const end = await this.lastEnd.when(known, late);
      return end?.term === term ? end : undefined;
    } catch (error) {
      if (!late.aborted) throw error;
      return undefined;
    }
  }

  /** Writes down who leads from now on, and before that how the last term ended if nobody was there to see it. */
  async began({ key, value, term, guard }: Leadership): Promise<void> {
    const before = decodeTermRecord((await this.etcd.get(keys.presentTerm))?.value ?? '');
    if (before !== undefined) await this.settle(before);
    const record = encodeTermRecord({ key, value, term, since: new Date() });
    await this.etcd.txn({ compare: [guard], success: [op.put(keys.presentTerm, record)] });
  }

  /** The note of who resigns. */
  resignation({ value, term }: Leadership, reason: string): Op {
    return op.put(keys.termEnd, encodeTermEnd({ value, term, at: new Date(), cause: 'resigned', reason }));
  }

  /** The account of a leader that lost its term, and lives: it knows better than others. */
  async lost({ key, value, term, signal: { reason } }: Leadership): Promise<void> {
    if (!isOrbweaverError(reason, 'LEASE_LOST')) return this.settle({ key, value, term });
    const account = isOrbweaverError(reason.cause)
      ? `Its lease expired: etcd did not answer it in time (${reason.cause.message}).`
      : 'Its lease expired: its process stood still, or the lease was taken from it.';
    const end: TermEnd = { value, term, at: new Date(), cause: 'lease expired', reason: account };
    return this.write(end, (told) => told.term <= term);
  }

  /** Finds out why that term ended, if it has and nobody has said. */
  async settle({ key, value, term }: Pick<Leader, 'key' | 'value' | 'term'>): Promise<void> {
    const [own, note] = await Promise.all([this.etcd.get(key), this.etcd.get(keys.termEnd)]);
    if (own?.createRevision === term || (decodeTermEnd(note?.value ?? '')?.term ?? 0n) >= term) return;
    // Who lost its key but lives says so before it gives its lease back: so the lease first, the note after it.
    const lease = leaseOf(key);
    const isLeased = lease !== undefined && (await this.etcd.timeToLive(lease)) !== undefined;
    const why: Pick<TermEnd, 'cause' | 'reason'> = isLeased
      ? { cause: 'key deleted', reason: 'Its key in etcd was deleted, while its lease lived on.' }
      : {
          cause: 'lease expired',
          reason: 'Its lease expired: it died, stood still, or could not reach etcd.',
        };
    await this.write({ value, term, at: new Date(), ...why }, (told) => told.term < term);
  }

  /** Unless what stands there is not to be overwritten. */
  private async write(end: TermEnd, mayReplace: (told: TermEnd) => boolean): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const note = await this.etcd.get(keys.termEnd);
      const told = decodeTermEnd(note?.value ?? '');
      if (told !== undefined && !mayReplace(told)) return;
      const unchanged = compare.modRevision(keys.termEnd, '=', note?.modRevision ?? 0n);
      const put = op.put(keys.termEnd, encodeTermEnd(end));
      const { succeeded } = await this.etcd.txn({ compare: [unchanged], success: [put] });
      if (succeeded) return;
    }
    this.logger.warn({ term: end.term }, 'others keep writing why a term ended');
  }

  private see({ key, value }: KeyValue): void {
    if (key === keys.presentTerm) {
      const record = decodeTermRecord(value);
      this.present.set(record);
      // Of a leader that ended while no master was there.
      if (record !== undefined) this.settleLater(record);
    } else if (key === keys.termEnd) this.lastEnd.set(decodeTermEnd(value));
  }

  /** For whoever has other things to do. */
  settleLater(leader: Pick<Leader, 'key' | 'value' | 'term'>): void {
    this.settle(leader).catch((error: unknown) => {
      this.logger.debug({ error: String(error) }, 'why a term ended is not known');
    });
  }
}

const MAX_ATTEMPTS = 10;

/** `/resources/election/694d7f3bb1a0f00d` */
function leaseOf(key: string): bigint | undefined {
  const hex = key.slice(key.lastIndexOf('/') + 1);
  return /^[0-9a-f]{1,16}$/.test(hex) ? BigInt(`0x${hex}`) : undefined;
}

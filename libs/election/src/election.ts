import { isOrbweaverError, OrbweaverError } from '@app/errors';
import {
  compare,
  op,
  whenAvailable,
  type CallOptions,
  type EtcdClient,
  type KeyValue,
  type Session,
} from '@app/etcd';
import { deletionOf } from './deletion.js';
import { KeyLeadership, type Leader, type Leadership } from './leadership.js';

export interface ElectionOptions {
  /** `/resources/election` by default. Without a `/` at its end. */
  prefix?: string;
}

const OLDEST = { limit: 1, sort: { by: 'createRevision', order: 'ascending' } } as const;
const NEWEST = { limit: 1, sort: { by: 'createRevision', order: 'descending' } } as const;

/**
 * The election of etcd's Go package `concurrency`, key for key, so that its candidates and observers and ours
 * take part in the same one: the key with the lowest create revision under the prefix leads, everybody else waits
 * for the key just before its own to go.
 *
 * It gives order, not exclusion in time: a leader that was cut off may still believe in itself for as long as its
 * session lives. What makes its writes harmless is the guard (see Leadership).
 */
export class Election {
  readonly prefix: string;

  constructor(
    private readonly client: EtcdClient,
    { prefix = '/resources/election' }: ElectionOptions = {},
  ) {
    this.prefix = prefix;
  }

  /**
   * Waits to lead. Unlike the Go package, the winner reads its own key once more before it believes: a candidate
   * whose lease has ended while it waited is not elected when the older key goes.
   *
   * Outlives the absence of etcd as long as the session does. Throws LEASE_LOST when the session is lost, CANCELLED
   * when the signal fires: the key is taken back then, and goes with the session's lease in any case, so whoever
   * gives up a campaign closes the session too.
   */
  async campaign(session: Session, value: string, signal: AbortSignal): Promise<Leadership> {
    const key = `${this.prefix}/${session.leaseId.toString(16)}`;
    const waiting = AbortSignal.any([signal, session.lost]);
    try {
      for (;;) {
        const { createRevision } = await this.#enter(key, value, session, waiting);
        await this.#olderAreGone(createRevision, waiting);
        const own = await whenAvailable(waiting, () => this.client.get(key, { signal: waiting }));
        if (!session.alive() || waiting.aborted) throw waiting.reason;
        // Deleted by hand while we waited: stand again, at the end of the line.
        if (own?.createRevision !== createRevision) continue;
        return new KeyLeadership(this.client, session, key, createRevision, own.value);
      }
    } catch (error) {
      if (session.lost.aborted) throw session.lost.reason;
      if (isOrbweaverError(error, 'LEASE_LOST')) throw error;
      await this.#withdraw(key);
      if (!signal.aborted) throw error;
      throw new OrbweaverError('CANCELLED', 'the campaign is given up', { cause: signal.reason });
    }
  }

  /** Who leads now, linearizable. */
  async leader(options: CallOptions = {}): Promise<Leader | undefined> {
    return leaderOf(
      (await this.client.range({ prefix: `${this.prefix}/` }, { ...OLDEST, ...options })).entries[0],
    );
  }

  /**
   * Who leads, now and at each change (of the leader or of what it proclaims), until the signal fires. Only changes
   * that last are sure to be seen. Says nothing while etcd is away.
   */
  async *observe(signal: AbortSignal): AsyncGenerator<Leader | undefined, void, undefined> {
    const target = { prefix: `${this.prefix}/` };
    let told: Leader | undefined | 'nothing' = 'nothing';
    while (!signal.aborted) {
      try {
        const { entries, revision } = await whenAvailable(signal, () =>
          this.client.range(target, { ...OLDEST, signal }),
        );
        const leader = leaderOf(entries[0]);
        if (told === 'nothing' || !same(leader, told)) yield (told = leader);
        const watched = leader ? { key: leader.key } : target;
        for await (const { events } of this.client.watch(watched, { fromRevision: revision + 1n, signal })) {
          const { type, kv } = events.at(-1)!;
          if (!leader || type === 'delete' || kv.createRevision !== leader.term) break;
          yield (told = leaderOf(kv));
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isOrbweaverError(error, 'COMPACTED')) throw error;
      }
    }
  }

  /** Repeating it after an unknown outcome is safe: the second time the key is there. */
  async #enter(key: string, value: string, { leaseId }: Session, signal: AbortSignal): Promise<KeyValue> {
    return whenAvailable(signal, async () => {
      const put = op.put(key, value, { leaseId });
      const { responses } = await this.client.txn(
        {
          compare: [compare.createRevision(key, '=', 0n)],
          success: [put, op.get(key)],
          failure: [op.get(key)],
        },
        { signal },
      );
      const read = responses.at(-1);
      const own = read?.type === 'get' ? read.kvs[0] : undefined;
      if (!own) throw new OrbweaverError('INTERNAL', `etcd has ${key} and does not give it`);
      if (own.value === value) return own;
      const guard = compare.createRevision(key, '=', own.createRevision);
      await this.client.txn({ compare: [guard], success: [put] }, { signal });
      return own;
    });
  }

  async #olderAreGone(createRevision: bigint, signal: AbortSignal): Promise<void> {
    const query = { ...NEWEST, maxCreateRevision: createRevision - 1n, signal };
    for (;;) {
      const { entries, revision } = await whenAvailable(signal, () =>
        this.client.range({ prefix: `${this.prefix}/` }, query),
      );
      const older = entries[0];
      if (!older) return;
      await deletionOf(this.client, older.key, revision + 1n, signal);
    }
  }

  async #withdraw(key: string): Promise<void> {
    await this.client.delete(key).catch((error: unknown) => {
      if (!isOrbweaverError(error, 'ETCD_UNAVAILABLE')) throw error;
    });
  }
}

function leaderOf(kv: KeyValue | undefined): Leader | undefined {
  return kv && { key: kv.key, value: kv.value, term: kv.createRevision };
}

function same(a: Leader | undefined, b: Leader | undefined): boolean {
  return a?.key === b?.key && a?.value === b?.value && a?.term === b?.term;
}

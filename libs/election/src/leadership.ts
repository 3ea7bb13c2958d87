import { OrbweaverError } from '@app/errors';
import { compare, op, whenAvailable, type Compare, type EtcdClient, type Op, type Session } from '@app/etcd';
import { deletionOf } from './deletion.js';

/** Who leads, as seen from outside. */
export interface Leader {
  key: string;
  value: string;
  /** The create revision of the leader's key: grows with every term, of whichever candidate. */
  term: bigint;
}

/**
 * Leadership is a value that can be lost. Whoever holds it acts only while `signal` has not fired, and puts
 * `guard` among the compares of each transaction it writes as leader: etcd then refuses what comes too late,
 * whatever this process believes.
 */
export interface Leadership {
  readonly key: string;
  /** What was proclaimed last. */
  readonly value: string;
  /** The create revision of the leader's key: grows with every term, of whichever candidate. */
  readonly term: bigint;
  /** Fires at the session's own deadline (before the lease can end), on `lose`, and on `resign`. */
  readonly signal: AbortSignal;
  /** Holds as long as this leadership does. */
  readonly guard: Compare;
  /** To be told by whoever learns that it is over: a guarded transaction was refused. */
  lose(cause: unknown): void;
  /** Changes the value that others see, within the same term. Throws NOT_LEADER when it is over. */
  proclaim(value: string): Promise<void>;
  /**
   * Gives up: `signal` fires first, then the key goes, so that the next candidate leads at once. `also` is done in
   * the same transaction, or not at all if it is over already.
   */
  resign(also?: readonly Op[]): Promise<void>;
}

/** Leadership held through a candidate's key. */
export class KeyLeadership implements Leadership {
  readonly signal: AbortSignal;
  readonly guard: Compare;
  readonly #over = new AbortController();
  #value: string;

  constructor(
    private readonly client: EtcdClient,
    private readonly session: Session,
    readonly key: string,
    readonly term: bigint,
    value: string,
  ) {
    this.#value = value;
    this.guard = compare.createRevision(key, '=', term);
    this.signal = AbortSignal.any([session.lost, this.#over.signal]);
    void this.#watchKey();
  }

  get value(): string {
    return this.#value;
  }

  lose(cause: unknown): void {
    this.#end('lost', cause);
  }

  async proclaim(value: string): Promise<void> {
    if (this.signal.aborted || !this.session.alive()) throw this.#notLeader();
    const put = op.put(this.key, value, { leaseId: this.session.leaseId });
    const { succeeded } = await this.client.txn({ compare: [this.guard], success: [put] });
    if (!succeeded) {
      this.lose(new OrbweaverError('NOT_LEADER', `${this.key} is gone`));
      throw this.#notLeader();
    }
    this.#value = value;
  }

  async resign(also: readonly Op[] = []): Promise<void> {
    this.#end('resigned', undefined);
    // Refused: the key is another's or gone already, which is what was wanted.
    await this.client.txn({ compare: [this.guard], success: [op.delete(this.key), ...also] });
  }

  /** The key may go while the lease lives: someone deleted it by hand. etcd says so sooner than our next write. */
  async #watchKey(): Promise<void> {
    const { client, key, signal } = this;
    try {
      for (;;) {
        const { entries, revision } = await whenAvailable(signal, () => client.range({ key }, { signal }));
        if (entries[0]?.createRevision !== this.term) break;
        await deletionOf(client, key, revision + 1n, signal);
      }
      this.lose(new OrbweaverError('NOT_LEADER', `${key} is gone`));
    } catch (error) {
      if (!signal.aborted) this.lose(error);
    }
  }

  #end(how: 'lost' | 'resigned', cause: unknown): void {
    const message = `the leadership of term ${this.term} is ${how}`;
    this.#over.abort(new OrbweaverError('NOT_LEADER', message, { cause }));
  }

  #notLeader(): OrbweaverError {
    return new OrbweaverError('NOT_LEADER', `no longer leader of term ${this.term}`, {
      cause: this.signal.reason,
    });
  }
}

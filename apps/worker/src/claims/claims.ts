import { compare, op, type EtcdClient, type Session } from '@app/etcd';
import { keys } from '@app/resources';
import { ClaimWatch } from './claim-watch.js';
import { TxnBatch } from './txn-batch.js';

export type ClaimOutcome =
  | { kind: 'acquired' }
  /** The assignment is no longer the one of that epoch. */
  | { kind: 'moved' }
  /** Somebody else may still run it; ask again when `gone` resolves. */
  | { kind: 'held'; by: string; gone: (signal: AbortSignal) => Promise<void> };

/**
 * Who runs a resource says so with a key under its lease, `/orbweaver/claims/<name>`, from before it starts until
 * it has really stopped. The key can be put only while there is none and the assignment is still of the epoch
 * that is claimed; so no resource ever runs on two workers, whatever the leader does meanwhile. A worker that
 * died holds its claims until its lease is over, and then it has fenced itself.
 */
export class Claims {
  readonly #batch: TxnBatch;
  readonly #watch: ClaimWatch;
  /** Leases of this process that were lost: what ran under them has stopped. */
  readonly #formerLeases = new Set<bigint>();
  readonly #held = new Set<string>();
  readonly #acquiring = new Set<string>();

  constructor(
    private readonly etcd: EtcdClient,
    private readonly nodeId: string,
  ) {
    this.#batch = new TxnBatch(etcd);
    this.#watch = new ClaimWatch(etcd);
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** How many resources wait for another worker to stop. */
  get waitingCount(): number {
    return this.#watch.waitingCount;
  }

  lost({ leaseId }: Session): void {
    this.#formerLeases.add(leaseId);
    this.#held.clear();
  }

  /**
   * May be repeated: a claim that is ours already is acquired. After an error it may be held or not, so it has
   * to be released. Not for a name of which an earlier run under a lost session has not stopped.
   */
  async acquire(name: string, epoch: bigint, session: Session): Promise<ClaimOutcome> {
    this.#acquiring.add(name);
    try {
      const outcome = await this.#acquire(name, epoch, session);
      if (outcome.kind === 'acquired' && !session.lost.aborted) this.#held.add(name);
      return outcome;
    } catch (error) {
      this.#doubt(name, session);
      throw error;
    } finally {
      this.#acquiring.delete(name);
    }
  }

  async #acquire(name: string, epoch: bigint, session: Session): Promise<ClaimOutcome> {
    const key = keys.claim(name);
    const isOurTurn = compare.modRevision(keys.assignment(this.nodeId, name), '=', epoch);
    const put = op.put(key, this.nodeId, { leaseId: session.leaseId });
    let expected = compare.createRevision(key, '=', 0n);
    for (;;) {
      const { succeeded, found, revision } = await this.#batch.submit({
        compare: [expected, isOurTurn],
        success: [put],
        failure: [op.get(key), op.get(keys.assignment(this.nodeId, name))],
      });
      if (succeeded) return { kind: 'acquired' };
      const [claim, assignment] = found;
      if (assignment?.modRevision !== epoch) return { kind: 'moved' };
      if (claim === undefined) expected = compare.createRevision(key, '=', 0n);
      else if (claim.leaseId === session.leaseId) return { kind: 'acquired' };
      else if (this.#formerLeases.has(claim.leaseId)) {
        expected = compare.modRevision(key, '=', claim.modRevision);
      } else {
        return { kind: 'held', by: claim.value, gone: (signal) => this.#watch.gone(claim, revision, signal) };
      }
    }
  }

  /** Does nothing when the claim is not held under that session. */
  async release(name: string, { leaseId }: Session): Promise<void> {
    const key = keys.claim(name);
    await this.#batch.submit({
      compare: [compare.lease(key, '=', leaseId)],
      success: [op.delete(key)],
      failure: [],
    });
    this.#held.delete(name);
  }

  /**
   * A request whose answer did not come may still be on its way, and be done after the release that followed
   * it: nobody would know of that claim, and wait for it as long as our lease lives. So it is released once
   * more when nothing can be on its way any longer.
   */
  #doubt(name: string, session: Session): void {
    setTimeout(() => {
      if (session.lost.aborted || this.#held.has(name) || this.#acquiring.has(name)) return;
      this.release(name, session).catch(() => this.#doubt(name, session));
    }, DOUBT_MS).unref();
  }
}

/** Twice as long as a request may take. */
const DOUBT_MS = 10_000;

import { EtcdError } from '../etcd-error.js';
import { operations } from './operations.js';
import type { Replica } from './replica.js';

/** Keeps the history at about a number of revisions: etcd's automatic compaction by revision. */
export class AutoCompactor {
  private compacting = false;
  /** So that it does not compact for each revision. */
  private readonly slack: bigint;
  private readonly keep: bigint;

  constructor(
    private readonly replica: Replica,
    keepRevisions: number,
    private readonly onError: (error: unknown) => void,
  ) {
    this.keep = BigInt(keepRevisions);
    this.slack = BigInt(Math.min(keepRevisions, 1000));
  }

  check(): void {
    const { revision, compactRevision } = this.replica.machine.store;
    const target = revision - this.keep;
    const done = compactRevision < 0n ? 0n : compactRevision;
    if (this.keep === 0n || this.compacting || target - done < this.slack) return;
    this.compacting = true;
    this.replica
      .propose(operations.compact, { revision: target, physical: false })
      .catch((error: unknown) => {
        // A client was ahead of us, or the server is stopping.
        if (!(error instanceof EtcdError)) this.onError(error);
      })
      .finally(() => {
        this.compacting = false;
      });
  }
}

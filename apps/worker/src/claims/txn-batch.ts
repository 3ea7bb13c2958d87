import { isOrbweaverError } from '@app/errors';
import { MAX_TXN_OPS, type Compare, type EtcdClient, type KeyValue, type Op } from '@app/etcd';

/** A small transaction of its own, which may travel with others. */
export interface SmallTxn {
  compare: readonly Compare[];
  success: readonly Op[];
  /** Reads only: what to learn when a compare fails. */
  failure: readonly Op[];
}

export interface SmallTxnResult {
  succeeded: boolean;
  revision: bigint;
  /** What the reads of the failure branch found, in their order; a key that is not there is undefined. */
  found: (KeyValue | undefined)[];
}

interface Waiting {
  txn: SmallTxn;
  resolve: (result: SmallTxnResult) => void;
  reject: (error: unknown) => void;
}

/**
 * Gathers small transactions into large ones: while one is under way, the next fills. If one compare of a
 * large one fails, each of its parts is sent alone. Two that write the same key travel one after the other.
 */
export class TxnBatch {
  #waiting: Waiting[] = [];
  #sending = false;

  constructor(private readonly etcd: Pick<EtcdClient, 'txn'>) {}

  /** ETCD_UNAVAILABLE: it may have been done, or may yet be. */
  submit(txn: SmallTxn): Promise<SmallTxnResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ txn, resolve, reject });
      if (!this.#sending) void this.#send();
    });
  }

  async #send(): Promise<void> {
    this.#sending = true;
    // Whoever else submits in this turn of the loop comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      try {
        await this.#sendTogether(batch);
      } catch (error) {
        // Nothing was done because one part is of a lease that is over: the others need not suffer for it.
        if (batch.length > 1 && isOrbweaverError(error, 'LEASE_LOST')) await this.#sendEach(batch);
        else for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }

  async #sendTogether(batch: readonly Waiting[]): Promise<void> {
    const { succeeded, revision } = await this.etcd.txn({
      compare: batch.flatMap(({ txn }) => txn.compare),
      success: batch.flatMap(({ txn }) => txn.success),
    });
    if (succeeded) for (const { resolve } of batch) resolve({ succeeded, revision, found: [] });
    else await this.#sendEach(batch);
  }

  async #sendEach(batch: readonly Waiting[]): Promise<void> {
    await Promise.all(batch.map((one) => this.#sendAlone(one)));
  }

  async #sendAlone({ txn, resolve, reject }: Waiting): Promise<void> {
    try {
      const { succeeded, revision, responses } = await this.etcd.txn(txn);
      const found = responses.flatMap((response) => (response.type === 'get' ? [response.kvs[0]] : []));
      resolve({ succeeded, revision, found });
    } catch (error) {
      reject(error);
    }
  }

  #next(): Waiting[] {
    let [compares, ops, count] = [0, 0, 0];
    const written = new Set<string>();
    for (const { txn } of this.#waiting) {
      compares += txn.compare.length;
      ops += txn.success.length;
      const isFull = Math.max(compares, ops) > MAX_TXN_OPS || txn.success.some(({ key }) => written.has(key));
      if (count > 0 && isFull) break;
      for (const { key } of txn.success) written.add(key);
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}

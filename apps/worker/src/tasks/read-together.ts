import { MAX_TXN_OPS, op, type EtcdClient } from '@app/etcd';

interface Waiting {
  keys: readonly string[];
  resolve: (values: (string | undefined)[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads of a few keys each: those of one read at one revision, and many reads in one transaction. While one is
 * under way the next fills, so a burst of ten thousand costs some hundred round trips.
 */
export class ReadTogether {
  #waiting: Waiting[] = [];
  #reading = false;

  constructor(private readonly etcd: Pick<EtcdClient, 'txn'>) {}

  /** The values of the keys in their order; a key that is not there is undefined. */
  read(keys: readonly string[]): Promise<(string | undefined)[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, resolve, reject });
      if (!this.#reading) void this.#readAll();
    });
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    // Whoever else asks in this turn of the loop comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      try {
        const { responses } = await this.etcd.txn({ success: batch.flatMap(({ keys }) => keys.map(op.get)) });
        const values = responses.map((response) =>
          response.type === 'get' ? response.kvs[0]?.value : undefined,
        );
        for (const { keys, resolve } of batch) resolve(values.splice(0, keys.length));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#reading = false;
  }

  #next(): Waiting[] {
    let [keys, count] = [0, 0];
    for (const waiting of this.#waiting) {
      keys += waiting.keys.length;
      if (count > 0 && keys > MAX_TXN_OPS) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}

import type { EtcdClient, KeyValue } from '@app/etcd';
import { keys } from '@app/resources';

interface Waiter {
  wake(): void;
  fail(error: unknown): void;
}

/**
 * Waits for claims of others to go, any number of them over one watch of all claims, which is open only as
 * long as somebody waits.
 */
export class ClaimWatch {
  readonly #waiting = new Map<string, Set<Waiter>>();
  #running: AbortController | undefined;

  constructor(private readonly etcd: Pick<EtcdClient, 'get' | 'watch'>) {}

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when that claim, as it was at that revision, is gone; now and then earlier, for nothing. Rejects
   * with the signal's reason when that fires before, or with what ended the watch (COMPACTED): then it is not
   * known.
   */
  async gone(claim: KeyValue, revision: bigint, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { key } = claim;
    const { waiter, woken } = makeWaiter();
    const waiters = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiters.add(waiter));
    const abort = (): void => waiter.fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (this.#running === undefined) this.#start(revision + 1n);
      // The watch was open already: it may have gone by before we stood here.
      else if ((await this.etcd.get(key, { signal }))?.modRevision !== claim.modRevision) return;
      await woken;
    } finally {
      signal.removeEventListener('abort', abort);
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiting.delete(key);
      if (this.#waiting.size === 0) {
        this.#running?.abort();
        this.#running = undefined;
      }
    }
  }

  #start(fromRevision: bigint): void {
    const running = new AbortController();
    this.#running = running;
    this.#watch(fromRevision, running.signal).catch((error: unknown) => {
      if (this.#running !== running) return;
      this.#running = undefined;
      for (const waiters of this.#waiting.values()) for (const waiter of waiters) waiter.fail(error);
    });
  }

  async #watch(fromRevision: bigint, signal: AbortSignal): Promise<void> {
    for await (const { events } of this.etcd.watch({ prefix: keys.claims }, { fromRevision, signal })) {
      for (const { type, kv } of events) {
        if (type === 'delete') for (const waiter of this.#waiting.get(kv.key) ?? []) waiter.wake();
      }
    }
  }
}

function makeWaiter(): { waiter: Waiter; woken: Promise<void> } {
  let wake!: () => void;
  let fail!: (error: unknown) => void;
  const woken = new Promise<void>((resolve, reject) => {
    wake = resolve;
    fail = reject;
  });
  // It may fail while its owner waits for something else, and learns of it there.
  woken.catch(() => {});
  return { waiter: { wake, fail }, woken };
}

import type { AckBatch, Claim, CrawlStore, RunEnd } from '@app/crawl';

/** Who is told of what a process does with its store. */
export interface StoreWatch {
  /** A call came to its end: with that error, if it did not go well. */
  called: (error?: unknown) => void;
  /** A transaction took so long that settled pages. */
  committed: (tookMs: number) => void;
  /** Lines were written into the log of that resource. */
  logged: (resource: string) => void;
}

/** The same store, with somebody who is told. */
export function watchedStore(store: CrawlStore, watch: StoreWatch): CrawlStore {
  const { called } = watch;
  return {
    gates: watched(store.gates, called),
    results: watched(store.results, called),
    outbox: watched(store.outbox, called),
    frontier: watched(store.frontier, called, (method, args, tookMs) => {
      if (method !== 'ack' && method !== 'finish') return;
      if (method === 'ack') watch.committed(tookMs);
      const [{ resource }, { lines = [] }] = args as [Claim, AckBatch | RunEnd];
      if (lines.length > 0) watch.logged(resource);
    }),
    logs: watched(store.logs, called, (method, args) => {
      if (method === 'append') watch.logged(args[0] as string);
    }),
    close: () => store.close(),
  };
}

type Done = (method: string, args: readonly unknown[], tookMs: number) => void;

function watched<T extends object>(port: T, called: StoreWatch['called'], done: Done = () => {}): T {
  return new Proxy(port, {
    get(target, key) {
      const member = Reflect.get(target, key, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const startedAt = performance.now();
        const answer = member.apply(target, args) as unknown;
        if (answer instanceof Promise) {
          const wentWell = (): void => {
            called();
            done(String(key), args, performance.now() - startedAt);
          };
          answer.then(wentWell, called);
        }
        return answer;
      };
    },
  });
}

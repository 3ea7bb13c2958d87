import type { AckBatch, Claim, CrawlStore, RunEnd } from '@app/crawl';

/** Who is told of what a process does with its store. */
export interface StoreWatch {
  /** A call came to its end: with that error, if it did not go well. */
  called(error?: unknown): void;
  /** A transaction took so long that settled pages. */
  committed(tookMs: number): void;
  /** Lines were written into the log of that resource. */
  logged(resource: string): void;
}

/** The same store, with somebody who is told. */
export function watchedStore(store: CrawlStore, watch: StoreWatch): CrawlStore {
  const each = (_: string, args: readonly unknown[], took: Promise<unknown>): void => {
    took.then(
      () => watch.called(),
      (error: unknown) => watch.called(error),
    );
  };
  return {
    gates: around(store.gates, each),
    results: around(store.results, each),
    outbox: around(store.outbox, each),
    frontier: around(store.frontier, (method, args, took) => {
      each(method, args, took);
      if (method !== 'ack' && method !== 'finish') return;
      const [{ resource }, { lines = [] }] = args as [Claim, AckBatch | RunEnd];
      const startedAt = performance.now();
      took.then(
        () => {
          if (method === 'ack') watch.committed(performance.now() - startedAt);
          if (lines.length > 0) watch.logged(resource);
        },
        () => {
          // Its caller knows.
        },
      );
    }),
    logs: around(store.logs, (method, args, took) => {
      each(method, args, took);
      if (method !== 'append') return;
      took.then(
        () => watch.logged(args[0] as string),
        () => {
          // Its caller knows.
        },
      );
    }),
    close: () => store.close(),
  };
}

type Seen = (method: string, args: readonly unknown[], took: Promise<unknown>) => void;

function around<T extends object>(port: T, seen: Seen): T {
  return new Proxy(port, {
    get(target, key) {
      const member = Reflect.get(target, key, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const took = member.apply(target, args) as unknown;
        if (took instanceof Promise) seen(String(key), args, took);
        return took;
      };
    },
  });
}

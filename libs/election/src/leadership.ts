import type { Compare } from '@app/etcd';

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
  /** Changes the value that others see, still the same term. Throws NOT_LEADER (and loses) when it is over. */
  proclaim(value: string): Promise<void>;
  /** Gives up: `signal` fires first, then the key goes, so that the next candidate leads at once. */
  resign(): Promise<void>;
}

/** Who leads, as seen from outside. */
export interface Leader {
  key: string;
  value: string;
  term: bigint;
}

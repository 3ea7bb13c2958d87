/** Messages that were written with the end of a run and are to be delivered, at least once each. */
export interface Outbox {
  /** Messages that are due, now the caller's for the time of the lease. */
  lease(limit: number, leaseMs: number): Promise<OutboxEntry[]>;
  /** `retryInMs` undefined: delivered, or given up; the message is gone. */
  settle(id: string, retryInMs: number | undefined): Promise<void>;
}

export interface OutboxEntry {
  /** The same in each attempt: receivers tell repeats by it. */
  id: string;
  resource: string;
  url: string;
  body: string;
  /** Attempts before this one. */
  attempt: number;
  /** When it was written, in milliseconds since 1970. */
  createdAt: number;
}

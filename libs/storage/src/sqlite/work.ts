import type { Connection } from './connection.js';
import type { HostIds } from './host-ids.js';
import type { Retention } from './retention.js';

/** What an operation works with, within a transaction. */
export interface Work {
  readonly db: Connection;
  readonly hosts: HostIds;
  /** When it was asked for, in milliseconds since 1970. */
  readonly now: number;
  readonly retention: Retention;
}

import type { EtcdClient, Session } from '@app/etcd';
import type { ServiceRecord } from './service-record.js';

/** What befell the registration, each once per incarnation. */
export type RegistrationState =
  | { kind: 'registered'; session: Session }
  | { kind: 'lost'; session: Session; cause: unknown }
  | { kind: 'failed'; cause: unknown };

export interface RegistrationOptions {
  /** One service with exactly one node. */
  record: ServiceRecord;
  ttlMs: number;
  intervalMs: number;
  /** Ends the registration without deregistering: for that, call `deregister`. */
  signal: AbortSignal;
  onState?: (state: RegistrationState) => void;
}

export class Registration {
  private constructor() {}

  /** Resolves when registered for the first time; rejects when the signal aborts before that. */
  static async start(_client: EtcdClient, _options: RegistrationOptions): Promise<Registration> {
    throw new Error('not yet');
  }

  /** The session of the present incarnation, undefined while there is none. */
  get session(): Session | undefined {
    throw new Error('not yet');
  }

  /** Puts the record again if it differs from what is registered. */
  async update(_record: ServiceRecord): Promise<void> {
    throw new Error('not yet');
  }

  /** Deletes the key, then revokes the lease. */
  async deregister(): Promise<void> {
    throw new Error('not yet');
  }
}

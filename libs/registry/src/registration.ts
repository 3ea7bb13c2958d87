import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { OrbweaverError } from '@app/errors';
import { compare, op, Session, type EtcdClient } from '@app/etcd';
import { registryKey } from './service-key.js';
import { encodeService, type ServiceRecord } from './service-record.js';

/** What befalls a registration. One incarnation is registered once and lost at most once. */
export type RegistrationState =
  | { kind: 'registered'; session: Session }
  /** The lease can be relied on no more: whatever rests on it has to be over. */
  | { kind: 'lost'; session: Session; cause: unknown }
  /** An attempt to register failed; another follows. */
  | { kind: 'failed'; cause: unknown };

export interface RegistrationOptions {
  /** One service with exactly one node. */
  record: ServiceRecord;
  ttlMs: number;
  /** Between keep-alives. */
  intervalMs: number;
  /** Ends the attempts to register. What is registered stays so until `deregister`. */
  signal: AbortSignal;
  /** Must not throw. */
  onState?: (state: RegistrationState) => void;
}

/**
 * A node in the registry, under a lease. The key is put once for each lease, after that the lease alone is
 * refreshed. When the lease is lost a new one is taken, again and again, until the signal aborts; the key of
 * the old one, if it is still there, goes over to the new lease. Each lease is one incarnation, with a Session
 * of its own: who must not go on working unregistered ends his work by the session's `lost`.
 *
 * Who started it calls `deregister` in the end.
 */
export class Registration {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ended: Promise<void>;
  #record: ServiceRecord;
  #session: Session | undefined;
  /** What stands in etcd under the present session, as far as is known. */
  #written: { key: string; value: string } | undefined;
  /** Writes of the key follow each other: the last one counts. */
  #writes: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly client: EtcdClient,
    private readonly options: RegistrationOptions,
    onFirst: () => void,
  ) {
    this.#record = options.record;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    keyOf(this.#record);
    this.#ended = this.#run(onFirst);
  }

  /** Resolves when it is registered for the first time. Rejects when the signal aborts before that. */
  static async start(client: EtcdClient, options: RegistrationOptions): Promise<Registration> {
    let onFirst = () => {};
    const first = new Promise<'registered'>((resolve) => (onFirst = () => resolve('registered')));
    const registration = new Registration(client, options, onFirst);
    if ((await Promise.race([first, registration.#ended])) === 'registered') return registration;
    throw new OrbweaverError('CANCELLED', 'given up before it was registered', {
      cause: options.signal.reason,
    });
  }

  /** That of the present incarnation; undefined while there is none. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Another address, other metadata, other endpoints. Does nothing when all is the same. */
  async update(record: ServiceRecord): Promise<void> {
    keyOf(record);
    this.#record = record;
    const session = this.#session;
    // Without a session, the next one puts it.
    if (session !== undefined) await this.#write(() => this.#put(session));
  }

  /** Deletes the key, so that everyone learns it at once, then gives the lease back. */
  async deregister(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    try {
      await this.#write(() => this.#delete(session));
    } finally {
      await session.close();
    }
  }

  async #run(onFirst: () => void): Promise<void> {
    const tell = this.options.onState ?? (() => {});
    let waitMs = FIRST_WAIT_MS;
    while (!this.#signal.aborted) {
      try {
        const session = await this.#register();
        waitMs = FIRST_WAIT_MS;
        this.#session = session;
        tell({ kind: 'registered', session });
        onFirst();
        await aborted(session.lost, this.#signal);
        if (!session.lost.aborted) return;
        this.#session = undefined;
        tell({ kind: 'lost', session, cause: session.lost.reason });
      } catch (cause) {
        if (this.#signal.aborted) return;
        tell({ kind: 'failed', cause });
        await delay(waitMs * (0.5 + Math.random() / 2), undefined, { signal: this.#signal }).catch(() => {});
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }

  async #register(): Promise<Session> {
    const { ttlMs, intervalMs } = this.options;
    const session = await Session.open(this.client, {
      ttlMs,
      keepAliveIntervalMs: intervalMs,
      signal: this.#signal,
    });
    try {
      this.#written = undefined;
      await this.#write(() => this.#put(session));
      return session;
    } catch (error) {
      // Should etcd not hear of it, the lease ends by itself.
      await session.close().catch(() => {});
      throw error;
    }
  }

  /** Puts the record unless it stands there, and once more if it changed meanwhile. */
  async #put(session: Session): Promise<void> {
    for (;;) {
      const [key, value] = [keyOf(this.#record), encodeService(this.#record)];
      if (this.#written?.key === key && this.#written.value === value) return;
      if (this.#written !== undefined && this.#written.key !== key) await this.#delete(session);
      await this.client.put(key, value, { leaseId: session.leaseId });
      this.#written = { key, value };
    }
  }

  /** Unless another process with the same id has taken it over. */
  async #delete({ leaseId }: Session): Promise<void> {
    if (this.#written === undefined) return;
    const { key } = this.#written;
    await this.client.txn({ compare: [compare.lease(key, '=', leaseId)], success: [op.delete(key)] });
    this.#written = undefined;
  }

  async #write(write: () => Promise<unknown>): Promise<void> {
    const turn = this.#writes.then(write);
    this.#writes = turn.catch(() => {});
    await turn;
  }
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

function keyOf({ name, nodes }: ServiceRecord): string {
  const [node, ...others] = nodes ?? [];
  if (node === undefined || others.length > 0) {
    throw new OrbweaverError('INVALID_ARGUMENT', 'a registration is of exactly one node');
  }
  return registryKey(name, node.id);
}

async function aborted(...signals: AbortSignal[]): Promise<void> {
  const any = AbortSignal.any(signals);
  if (!any.aborted) await once(any, 'abort');
}

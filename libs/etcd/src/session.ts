import { OrbweaverError } from '@app/errors';
import type { EtcdClient } from './etcd-client.js';

/** Milliseconds on a clock that never steps; only differences mean something. */
export interface Clock {
  now(): number;
}

export interface SessionOptions {
  ttlMs: number;
  keepAliveIntervalMs?: number;
  /** Gives up opening. An open session ends by `close()` or by its loss. */
  signal?: AbortSignal;
  clock?: Clock;
}

export class Session {
  private constructor(
    readonly leaseId: bigint,
    readonly ttlMs: number,
    readonly lost: AbortSignal,
  ) {}

  static async open(client: EtcdClient, options: SessionOptions): Promise<Session> {
    throw new OrbweaverError('UNIMPLEMENTED', `Session.open ${String(client)} ${options.ttlMs}`);
  }

  remainingMs(): number {
    return 0;
  }

  alive(): boolean {
    return this.remainingMs() > 0;
  }

  async close(): Promise<void> {}
}

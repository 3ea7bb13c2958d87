import { OrbweaverError } from '@app/errors';
import type { CallOptions, EtcdClient, Session } from '@app/etcd';
import type { Leader, Leadership } from './leadership.js';

export interface ElectionOptions {
  /** `/resources/election` by default. */
  prefix?: string;
}

export class Election {
  readonly prefix: string;

  constructor(
    readonly client: EtcdClient,
    options: ElectionOptions = {},
  ) {
    this.prefix = options.prefix ?? '/resources/election';
  }

  async campaign(_session: Session, _value: string, _signal: AbortSignal): Promise<Leadership> {
    throw new OrbweaverError('UNIMPLEMENTED', 'not yet');
  }

  observe(_signal: AbortSignal): AsyncIterable<Leader | undefined> {
    throw new OrbweaverError('UNIMPLEMENTED', 'not yet');
  }

  async leader(_options: CallOptions = {}): Promise<Leader | undefined> {
    throw new OrbweaverError('UNIMPLEMENTED', 'not yet');
  }
}

import type { EtcdClient } from '@app/etcd';
import type { ServiceRecord } from './service-record.js';

export interface ServiceChange {
  action: 'create' | 'update' | 'delete';
  /** One node with its service; on delete as it was before. */
  service: ServiceRecord;
}

export type ServiceUpdate =
  | { kind: 'snapshot'; services: ServiceRecord[] }
  | { kind: 'change'; change: ServiceChange }
  | { kind: 'interrupted'; cause: unknown }
  | { kind: 'resumed' };

export function followService(
  _client: EtcdClient,
  _service: string,
  _signal: AbortSignal,
): AsyncIterable<ServiceUpdate> {
  throw new Error('not yet');
}

/** All nodes of a service, merged by version. */
export async function listService(_client: EtcdClient, _service: string): Promise<ServiceRecord[]> {
  throw new Error('not yet');
}

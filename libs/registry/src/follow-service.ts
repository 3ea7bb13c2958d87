import type { EtcdClient, WatchEvent } from '@app/etcd';
import { servicePrefix } from './service-key.js';
import { decodeService, type ServiceRecord } from './service-record.js';

export interface ServiceChange {
  /** `create`: the key was not there before. `update`: it was, with the same or another value. */
  action: 'create' | 'update' | 'delete';
  /** The key's value: one node with its service. Of a deletion the value before. */
  service: ServiceRecord;
}

export type ServiceUpdate =
  /** Every node that is registered: what was told before and is not among them is gone. */
  | { kind: 'snapshot'; services: ServiceRecord[] }
  | { kind: 'change'; change: ServiceChange }
  /** Nothing is heard of etcd: what was told may be stale, until `resumed` or another snapshot. */
  | { kind: 'interrupted'; cause: unknown }
  | { kind: 'resumed' };

/**
 * The nodes of a service, then every change to them, until the signal fires. Values that are no service
 * descriptions are passed over, as if their keys did not exist.
 */
export async function* followService(
  client: EtcdClient,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<ServiceUpdate, void, undefined> {
  let known = new Map<string, ServiceRecord>();
  for await (const batch of client.follow([servicePrefix(service)], { signal, prevKv: true })) {
    switch (batch.kind) {
      case 'snapshot':
        if (batch.first) known = new Map();
        for (const { key, value } of batch.entries) {
          const record = decodeService(value);
          if (record !== undefined) known.set(key, record);
        }
        if (batch.last) yield { kind: 'snapshot', services: [...known.values()] };
        break;
      case 'events':
        for (const event of batch.events) {
          const change = changeOf(event, known);
          if (change !== undefined) yield { kind: 'change', change };
        }
        break;
      case 'interrupted':
        yield { kind: 'interrupted', cause: batch.cause };
        break;
      case 'resumed':
        yield { kind: 'resumed' };
    }
  }
}

/** All nodes of a service at present, one record for each version of it. */
export async function listService(
  client: EtcdClient,
  service: string,
  options: { signal?: AbortSignal } = {},
): Promise<ServiceRecord[]> {
  const records: ServiceRecord[] = [];
  for await (const page of client.list(servicePrefix(service), options)) {
    for (const { value } of page.entries) {
      const record = decodeService(value);
      if (record !== undefined) records.push(record);
    }
  }
  return mergeByVersion(records);
}

/** One record for each version, with the nodes of all its records and the rest of the first. */
export function mergeByVersion(records: Iterable<ServiceRecord>): ServiceRecord[] {
  const merged = new Map<string, ServiceRecord>();
  for (const record of records) {
    const version = merged.get(record.version);
    if (version === undefined) merged.set(record.version, { ...record, nodes: [...(record.nodes ?? [])] });
    else version.nodes?.push(...(record.nodes ?? []));
  }
  return [...merged.values()];
}

function changeOf(
  { type, kv, prevKv }: WatchEvent,
  known: Map<string, ServiceRecord>,
): ServiceChange | undefined {
  if (type === 'delete') {
    // What etcd no longer has (compacted), or a value that cannot be read, is known from before.
    const service = (prevKv && decodeService(prevKv.value)) ?? known.get(kv.key);
    known.delete(kv.key);
    return service && { action: 'delete', service };
  }
  const service = decodeService(kv.value);
  if (service === undefined) return undefined;
  known.set(kv.key, service);
  return { action: kv.createRevision === kv.modRevision ? 'create' : 'update', service };
}

import type { Method } from './connections.js';
import {
  decodeDelete,
  decodeLease,
  decodePut,
  decodeRange,
  decodeStatus,
  decodeTxn,
  decodeWatch,
} from './wire/responses.js';

/** The part of etcd's API that is used here. */
export const KV = {
  range: { service: 'KV', name: 'Range', decode: decodeRange },
  put: { service: 'KV', name: 'Put', decode: decodePut },
  delete: { service: 'KV', name: 'DeleteRange', decode: decodeDelete },
  txn: { service: 'KV', name: 'Txn', decode: decodeTxn },
} as const satisfies Record<string, Method<unknown>>;

export const WATCH = { service: 'Watch', name: 'Watch', decode: decodeWatch } as const;

export const LEASE = {
  grant: { service: 'Lease', name: 'LeaseGrant', decode: decodeLease },
  revoke: { service: 'Lease', name: 'LeaseRevoke', decode: () => ({}) },
  timeToLive: { service: 'Lease', name: 'LeaseTimeToLive', decode: decodeLease },
  keepAlive: { service: 'Lease', name: 'LeaseKeepAlive', decode: decodeLease },
} as const satisfies Record<string, Method<unknown>>;

export const STATUS = { service: 'Maintenance', name: 'Status', decode: decodeStatus } as const;

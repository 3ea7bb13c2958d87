export { whenAvailable } from './backoff.js';
export { EtcdClient } from './etcd-client.js';
export type { CallOptions } from './etcd-options.js';
export type { KeyValue } from './key-value.js';
export type { MemberStatus } from './members.js';
export { Session } from './session.js';
export { compare, MAX_TXN_OPS, op } from './transaction.js';
export type { Compare, Op, OpResult, Transaction, TxnResult } from './transaction.js';
export type { FollowBatch, WatchBatch, WatchEvent } from './watch-event.js';

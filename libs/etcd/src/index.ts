export { EtcdClient } from './etcd-client.js';
export type {
  EtcdStatus,
  FollowOptions,
  ListOptions,
  Page,
  RangeQuery,
  RangeResult,
  WatchOptions,
} from './etcd-client.js';
export type { CallOptions, EtcdOptions } from './etcd-options.js';
export type { KeyValue, Target } from './key-value.js';
export { Session } from './session.js';
export type { Clock, SessionOptions } from './session.js';
export { compare, MAX_TXN_OPS, op } from './transaction.js';
export type { Compare, Comparison, Op, OpResult, Transaction, TxnResult } from './transaction.js';
export type { FollowBatch, WatchBatch, WatchEvent } from './watch-event.js';

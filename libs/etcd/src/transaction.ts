import type { KeyValue } from './key-value.js';

/** What etcd takes in one transaction (its `--max-txn-ops`), counted per branch. */
export const MAX_TXN_OPS = 128;

export type Comparison = '=' | '>' | '<' | '!=';

/** One condition of a transaction. A key that does not exist has revisions, version and lease 0. */
export type Compare =
  | {
      target: 'createRevision' | 'modRevision' | 'version' | 'lease';
      key: string;
      is: Comparison;
      operand: bigint;
    }
  | { target: 'value'; key: string; is: Comparison; operand: string };

export type Op =
  | { type: 'put'; key: string; value: string; leaseId: bigint; ignoreValue: boolean }
  | { type: 'delete'; key: string; prefix: boolean }
  | { type: 'get'; key: string }
  | { type: 'keys'; key: string };

export interface Transaction {
  compare?: readonly Compare[];
  success?: readonly Op[];
  failure?: readonly Op[];
}

export type OpResult =
  { type: 'put' } | { type: 'delete'; deleted: number } | { type: 'get'; kvs: KeyValue[] };

export interface TxnResult {
  succeeded: boolean;
  /** The store's revision after the transaction: the mod revision of all it has put. */
  revision: bigint;
  /** One for each op of the branch that ran, in its order. */
  responses: OpResult[];
}

const number =
  (target: 'createRevision' | 'modRevision' | 'version' | 'lease') =>
  (key: string, is: Comparison, operand: bigint): Compare => ({ target, key, is, operand });

export const compare = {
  createRevision: number('createRevision'),
  modRevision: number('modRevision'),
  version: number('version'),
  lease: number('lease'),
  value: (key: string, is: Comparison, operand: string): Compare => ({ target: 'value', key, is, operand }),
};

export const op = {
  /** `ignoreValue` keeps the present value (and changes the lease); etcd refuses it for a missing key. */
  put: (key: string, value: string, opts: { leaseId?: bigint; ignoreValue?: boolean } = {}): Op => ({
    type: 'put',
    key,
    value,
    leaseId: opts.leaseId ?? 0n,
    ignoreValue: opts.ignoreValue ?? false,
  }),
  delete: (key: string): Op => ({ type: 'delete', key, prefix: false }),
  deletePrefix: (prefix: string): Op => ({ type: 'delete', key: prefix, prefix: true }),
  get: (key: string): Op => ({ type: 'get', key }),
  /** What is under a prefix, in order, without the values. Answered as a get is. */
  keys: (prefix: string): Op => ({ type: 'keys', key: prefix }),
};

/** The store's requests and answers, field for field those of etcd's API. */
import type { KeyValue } from './key-value.js';

export interface RangeRequest {
  key: string;
  rangeEnd: string;
  limit: number;
  revision: bigint;
  sortOrder: number;
  sortTarget: number;
  serializable: boolean;
  keysOnly: boolean;
  countOnly: boolean;
  minModRevision: bigint;
  maxModRevision: bigint;
  minCreateRevision: bigint;
  maxCreateRevision: bigint;
}

export const SortOrder = { NONE: 0, ASCEND: 1, DESCEND: 2 } as const;
export const SortTarget = { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 } as const;

export interface PutRequest {
  key: string;
  value: string;
  lease: bigint;
  prevKv: boolean;
  ignoreValue: boolean;
  ignoreLease: boolean;
}

export interface DeleteRangeRequest {
  key: string;
  rangeEnd: string;
  prevKv: boolean;
}

/** One of its fields is set; none in an empty operation. */
export interface RequestOp {
  requestRange: RangeRequest | undefined;
  requestPut: PutRequest | undefined;
  requestDeleteRange: DeleteRangeRequest | undefined;
  requestTxn: TxnRequest | undefined;
}

export interface Compare {
  result: number;
  target: number;
  key: string;
  version: bigint;
  createRevision: bigint;
  modRevision: bigint;
  value: string;
  lease: bigint;
  rangeEnd: string;
}

export const CompareResult = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } as const;
export const CompareTarget = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } as const;

export interface TxnRequest {
  compare: readonly Compare[];
  success: readonly RequestOp[];
  failure: readonly RequestOp[];
}

export interface CompactionRequest {
  revision: bigint;
  physical: boolean;
}

/** Who answered; of the answers inside a transaction etcd sets the revision alone. */
export interface ResponseHeader {
  clusterId: bigint;
  memberId: bigint;
  revision: bigint;
  raftTerm: bigint;
}

export interface RangeResponse {
  header: ResponseHeader | undefined;
  kvs: readonly KeyValue[];
  more: boolean;
  count: number;
}

export interface PutResponse {
  header: ResponseHeader | undefined;
  prevKv: KeyValue | undefined;
}

export interface DeleteRangeResponse {
  header: ResponseHeader | undefined;
  deleted: number;
  prevKvs: readonly KeyValue[];
}

export interface ResponseOp {
  responseRange: RangeResponse | undefined;
  responsePut: PutResponse | undefined;
  responseDeleteRange: DeleteRangeResponse | undefined;
  responseTxn: TxnResponse | undefined;
}

export interface TxnResponse {
  header: ResponseHeader | undefined;
  succeeded: boolean;
  responses: readonly ResponseOp[];
}

/** The tables of etcd's messages; the fields and their numbers are those of proto/. */
import type {
  Compare,
  CompactionRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseHeader,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../mvcc/requests.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { Event, WatchCreateRequest } from '../watch/watch-stream.js';
import {
  always,
  bool,
  bytes,
  int,
  int64,
  list,
  many,
  message,
  one,
  text,
  uint64,
  type MessageType,
} from './wire.js';

interface WithHeader {
  header: ResponseHeader | undefined;
}

export const keyValue: MessageType<KeyValue> = message<KeyValue>({
  key: bytes(1),
  createRevision: int64(2),
  modRevision: int64(3),
  version: int64(4),
  value: bytes(5),
  lease: int64(6),
});

const event = message<Event>({ type: int(1), kv: always(2, () => keyValue), prevKv: one(3, () => keyValue) });

const responseHeader = message<ResponseHeader>({
  clusterId: uint64(1),
  memberId: uint64(2),
  revision: int64(3),
  raftTerm: uint64(4),
});

const header = one(1, () => responseHeader);

export const rangeRequest = message<RangeRequest>({
  key: bytes(1),
  rangeEnd: bytes(2),
  limit: int(3),
  revision: int64(4),
  sortOrder: int(5),
  sortTarget: int(6),
  serializable: bool(7),
  keysOnly: bool(8),
  countOnly: bool(9),
  minModRevision: int64(10),
  maxModRevision: int64(11),
  minCreateRevision: int64(12),
  maxCreateRevision: int64(13),
});

export const rangeResponse = message<RangeResponse>({
  header,
  kvs: many(2, () => keyValue),
  more: bool(3),
  count: int(4),
});

export const putRequest = message<PutRequest>({
  key: bytes(1),
  value: bytes(2),
  lease: int64(3),
  prevKv: bool(4),
  ignoreValue: bool(5),
  ignoreLease: bool(6),
});

export const putResponse = message<PutResponse>({ header, prevKv: one(2, () => keyValue) });

export const deleteRangeRequest = message<DeleteRangeRequest>({
  key: bytes(1),
  rangeEnd: bytes(2),
  prevKv: bool(3),
});

export const deleteRangeResponse = message<DeleteRangeResponse>({
  header,
  deleted: int(2),
  prevKvs: many(3, () => keyValue),
});

const requestOp: MessageType<RequestOp> = message<RequestOp>({
  requestRange: one(1, () => rangeRequest),
  requestPut: one(2, () => putRequest),
  requestDeleteRange: one(3, () => deleteRangeRequest),
  requestTxn: one(4, () => txnRequest),
});

const responseOp: MessageType<ResponseOp> = message<ResponseOp>({
  responseRange: one(1, () => rangeResponse),
  responsePut: one(2, () => putResponse),
  responseDeleteRange: one(3, () => deleteRangeResponse),
  responseTxn: one(4, () => txnResponse),
});

const compare = message<Compare>({
  result: int(1),
  target: int(2),
  key: bytes(3),
  version: int64(4),
  createRevision: int64(5),
  modRevision: int64(6),
  value: bytes(7),
  lease: int64(8),
  rangeEnd: bytes(64),
});

export const txnRequest: MessageType<TxnRequest> = message<TxnRequest>({
  compare: many(1, () => compare),
  success: many(2, () => requestOp),
  failure: many(3, () => requestOp),
});

export const txnResponse: MessageType<TxnResponse> = message<TxnResponse>({
  header,
  succeeded: bool(2),
  responses: many(3, () => responseOp),
});

export const compactionRequest = message<CompactionRequest>({ revision: int64(1), physical: bool(2) });
export const compactionResponse = message<WithHeader>({ header });

const watchCreateRequest = message<WatchCreateRequest>({
  key: bytes(1),
  rangeEnd: bytes(2),
  startRevision: int64(3),
  progressNotify: bool(4),
  filters: list(int(5)),
  prevKv: bool(6),
  watchId: int(7),
  fragment: bool(8),
});

const watchCancelRequest = message<{ watchId: number }>({ watchId: int(1) });
const watchProgressRequest = message<object>({});

interface WatchRequest {
  createRequest: WatchCreateRequest | undefined;
  cancelRequest: { watchId: number } | undefined;
  progressRequest: object | undefined;
}

export const watchRequest = message<WatchRequest>({
  createRequest: one(1, () => watchCreateRequest),
  cancelRequest: one(2, () => watchCancelRequest),
  progressRequest: one(3, () => watchProgressRequest),
});

export interface WatchResponse extends WithHeader {
  watchId: number;
  created: boolean;
  canceled: boolean;
  compactRevision: bigint;
  cancelReason: string;
  fragment: boolean;
  events: readonly Event[];
}

export const watchResponse = message<WatchResponse>({
  header,
  watchId: int(2),
  created: bool(3),
  canceled: bool(4),
  compactRevision: int64(5),
  cancelReason: text(6),
  fragment: bool(7),
  events: many(11, () => event),
});

export interface LeaseGrantRequest {
  TTL: number;
  ID: bigint;
}

export const leaseGrantRequest = message<LeaseGrantRequest>({ TTL: int(1), ID: int64(2) });
export const leaseGrantResponse = message<WithHeader & { ID: bigint; TTL: number; error: string }>({
  header,
  ID: int64(2),
  TTL: int(3),
  error: text(4),
});

export const leaseRevokeRequest = message<{ ID: bigint }>({ ID: int64(1) });
export const leaseRevokeResponse = message<WithHeader>({ header });

export const leaseKeepAliveRequest = message<{ ID: bigint }>({ ID: int64(1) });
export const leaseKeepAliveResponse = message<WithHeader & { ID: bigint; TTL: number }>({
  header,
  ID: int64(2),
  TTL: int(3),
});

export const leaseTimeToLiveRequest = message<{ ID: bigint; keys: boolean }>({ ID: int64(1), keys: bool(2) });
export const leaseTimeToLiveResponse = message<
  WithHeader & { ID: bigint; TTL: number; grantedTTL: number; keys: readonly string[] }
>({ header, ID: int64(2), TTL: int(3), grantedTTL: int(4), keys: list(bytes(5)) });

const leaseStatus = message<{ ID: bigint }>({ ID: int64(1) });
export const leaseLeasesRequest = message<object>({});
export const leaseLeasesResponse = message<WithHeader & { leases: readonly { ID: bigint }[] }>({
  header,
  leases: many(2, () => leaseStatus),
});

interface Member {
  ID: bigint;
  name: string;
  peerURLs: readonly string[];
  clientURLs: readonly string[];
  isLearner: boolean;
}

const member = message<Member>({
  ID: uint64(1),
  name: text(2),
  peerURLs: list(text(3)),
  clientURLs: list(text(4)),
  isLearner: bool(5),
});

export const memberListRequest = message<{ linearizable: boolean }>({ linearizable: bool(1) });
export const memberListResponse = message<WithHeader & { members: readonly Member[] }>({
  header,
  members: many(2, () => member),
});

interface StatusResponse extends WithHeader {
  version: string;
  dbSize: number;
  leader: bigint;
  raftIndex: bigint;
  raftTerm: bigint;
  raftAppliedIndex: bigint;
  errors: readonly string[];
  dbSizeInUse: number;
  isLearner: boolean;
}

export const statusRequest = message<object>({});
export const statusResponse = message<StatusResponse>({
  header,
  version: text(2),
  dbSize: int(3),
  leader: uint64(4),
  raftIndex: uint64(5),
  raftTerm: uint64(6),
  raftAppliedIndex: uint64(7),
  errors: list(text(8)),
  dbSizeInUse: int(9),
  isLearner: bool(10),
});

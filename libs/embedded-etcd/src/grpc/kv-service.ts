import { EtcdError } from '../etcd-error.js';
import type { PutRequest, TxnRequest } from '../mvcc/requests.js';
import { checkDeleteRange, checkPut, checkRange, checkTxn } from '../mvcc/txn-check.js';
import { isReadOnly } from '../mvcc/txn.js';
import {
  compactionRequest,
  compactionResponse,
  deleteRangeRequest,
  deleteRangeResponse,
  putRequest,
  putResponse,
  rangeRequest,
  rangeResponse,
  txnRequest,
  txnResponse,
} from '../proto/messages.js';
import { operations } from '../replica/operations.js';
import type { Replica } from '../replica/replica.js';
import { unary, type Method } from './grpc-server.js';
import type { Quota } from './quota.js';

const MAX_TXN_OPS = 128;
/** Of a request that is written to the log: etcd's limit. */
const MAX_REQUEST_BYTES = 1.5 * 1024 * 1024;

export function kvService(replica: Replica, quota: Quota): [string, Method][] {
  const { machine } = replica;
  return [
    [
      '/etcdserverpb.KV/Range',
      unary(rangeRequest, rangeResponse, (request) => {
        checkRange(request);
        return machine.range(request);
      }),
    ],
    [
      '/etcdserverpb.KV/Put',
      unary(putRequest, putResponse, (request, payload) => {
        quota.check(costOfPut(request));
        checkPut(request);
        checkSize(payload);
        return replica.propose(operations.put, request, payload);
      }),
    ],
    [
      '/etcdserverpb.KV/DeleteRange',
      unary(deleteRangeRequest, deleteRangeResponse, (request, payload) => {
        checkDeleteRange(request);
        checkSize(payload);
        return replica.propose(operations.deleteRange, request, payload);
      }),
    ],
    [
      '/etcdserverpb.KV/Txn',
      unary(txnRequest, txnResponse, (request, payload) => {
        quota.check(costOfTxn(request));
        checkTxn(request, MAX_TXN_OPS);
        if (isReadOnly(request)) return machine.txn(request);
        checkSize(payload);
        return replica.propose(operations.txn, request, payload);
      }),
    ],
    [
      '/etcdserverpb.KV/Compact',
      unary(compactionRequest, compactionResponse, (request, payload) =>
        replica.propose(operations.compact, request, payload),
      ),
    ],
  ];
}

function checkSize(payload: Buffer): void {
  if (payload.length > MAX_REQUEST_BYTES) throw new EtcdError('RequestTooLarge');
}

/** What etcd counts for a put, so that the same request meets the limit at about the same place. */
const PUT_OVERHEAD = 256;

function costOfPut({ key, value }: PutRequest): number {
  return PUT_OVERHEAD + key.length + value.length;
}

function costOfTxn({ success, failure }: TxnRequest): number {
  const [then, otherwise] = [success, failure].map((ops) =>
    ops.reduce((sum, { requestPut }) => sum + (requestPut ? costOfPut(requestPut) : 0), 0),
  );
  return Math.max(then!, otherwise!);
}

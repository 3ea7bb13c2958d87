import { EtcdError } from '../etcd-error.js';
import { contains, type KeyInterval } from './key-interval.js';
import type { DeleteRangeRequest, PutRequest, RangeRequest, RequestOp, TxnRequest } from './requests.js';

/** What etcd refuses before it looks at the store. */
export function checkRange(request: RangeRequest): void {
  if (request.key === '') throw new EtcdError('EmptyKey');
}

export function checkPut(request: PutRequest): void {
  if (request.key === '') throw new EtcdError('EmptyKey');
  if (request.ignoreValue && request.value !== '') throw new EtcdError('ValueProvided');
  if (request.ignoreLease && request.lease !== 0n) throw new EtcdError('LeaseProvided');
}

export function checkDeleteRange(request: DeleteRangeRequest): void {
  if (request.key === '') throw new EtcdError('EmptyKey');
}

export function checkTxn(request: TxnRequest, maxOps: number): void {
  checkOps(request, maxOps);
  checkChanges(request.success);
  checkChanges(request.failure);
}

/** A nested transaction may use what the longest list of the one around it leaves of the limit. */
function checkOps(request: TxnRequest, maxOps: number): void {
  const { compare, success, failure } = request;
  const ops = Math.max(compare.length, success.length, failure.length);
  if (ops > maxOps) throw new EtcdError('TooManyOps');
  for (const { key } of compare) if (key === '') throw new EtcdError('EmptyKey');
  for (const op of [...success, ...failure]) checkOp(op, maxOps - ops);
}

function checkOp(op: RequestOp, maxOps: number): void {
  if (op.requestRange) checkRange(op.requestRange);
  else if (op.requestPut) checkPut(op.requestPut);
  else if (op.requestDeleteRange) checkDeleteRange(op.requestDeleteRange);
  else if (op.requestTxn) checkOps(op.requestTxn, maxOps);
  else throw new EtcdError('KeyNotFound');
}

interface Changes {
  readonly puts: Set<string>;
  readonly deletes: KeyInterval[];
}

/**
 * No key may be put twice, nor put and deleted, by operations that can run together. Like etcd, this does not see
 * a delete of all keys from one on (see `literally`), and one inside a nested transaction only when the put comes
 * after it.
 */
function checkChanges(ops: readonly RequestOp[]): Changes {
  const deletes = ops.flatMap(({ requestDeleteRange: r }) => (r ? [literally(r.key, r.rangeEnd)] : []));
  const puts = new Set<string>();
  const put = (key: string, except?: ReadonlySet<string>): void => {
    if (puts.has(key) && !except?.has(key)) throw new EtcdError('DuplicateKey');
    if (deletes.some((keys) => contains(keys, key))) throw new EtcdError('DuplicateKey');
    puts.add(key);
  };
  for (const { requestTxn } of ops) {
    if (!requestTxn) continue;
    const then = checkChanges(requestTxn.success);
    const otherwise = checkChanges(requestTxn.failure);
    for (const key of then.puts) put(key);
    // Only one of the two branches runs.
    for (const key of otherwise.puts) put(key, then.puts);
    deletes.push(...then.deletes, ...otherwise.deletes);
  }
  for (const { requestPut } of ops) if (requestPut) put(requestPut.key);
  return { puts, deletes };
}

/** Not `interval`: etcd's check takes the zero byte that stands for "no end" as an end, so nothing lies inside. */
function literally(key: string, rangeEnd: string): KeyInterval {
  return { key, end: rangeEnd === '' ? undefined : rangeEnd };
}

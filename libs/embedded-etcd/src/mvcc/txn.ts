import { EtcdError } from '../etcd-error.js';
import { interval } from './key-interval.js';
import type { KeyValue } from './key-value.js';
import { order, range, type Present } from './range.js';
import {
  CompareResult,
  CompareTarget,
  type Compare,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type PutRequest,
  type PutResponse,
  type RequestOp,
  type ResponseHeader,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from './requests.js';
import type { View } from './view.js';
import type { Writer } from './writer.js';

/**
 * Transactions as etcd runs them. All comparisons, those of nested transactions too, see the store as it was
 * before; what could fail is checked on the way that they choose, so that nothing fails half done.
 */
export interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

type Step =
  { readonly kind: 'op'; readonly op: RequestOp } | { readonly kind: 'nested'; readonly plan: Plan };

export function planTxn(view: View, request: TxnRequest): Plan {
  const succeeded = request.compare.every((compare) => holds(view, compare));
  const steps = (succeeded ? request.success : request.failure).map((op): Step =>
    op.requestTxn ? { kind: 'nested', plan: planTxn(view, op.requestTxn) } : { kind: 'op', op },
  );
  return { succeeded, steps };
}

export function isReadOnly({ success, failure }: TxnRequest): boolean {
  return success.every((op) => op.requestRange) && failure.every((op) => op.requestRange);
}

/** Refuses a plan that could not be carried out: puts first, then ranges, as etcd does. */
export function checkPlan(plan: Plan, present: Present, hasLease: (id: bigint) => boolean): void {
  eachOp(plan, ({ requestPut }) => {
    if (!requestPut) return;
    checkKeyToKeep(requestPut, present.view);
    checkLease(requestPut, hasLease);
  });
  eachOp(plan, ({ requestRange }) => {
    if (!requestRange || requestRange.revision === 0n) return;
    if (requestRange.revision > present.revision) throw new EtcdError('FutureRev');
    if (requestRange.revision < present.compactRevision) throw new EtcdError('Compacted');
  });
}

/** What a put outside of a transaction is refused for; etcd looks in this order there. */
export function checkRequestPut(put: PutRequest, view: View, hasLease: (id: bigint) => boolean): void {
  checkLease(put, hasLease);
  checkKeyToKeep(put, view);
}

function checkLease(put: PutRequest, hasLease: (id: bigint) => boolean): void {
  if (put.lease !== 0n && !hasLease(put.lease)) throw new EtcdError('LeaseNotFound');
}

function checkKeyToKeep({ key, ignoreValue, ignoreLease }: PutRequest, view: View): void {
  if ((ignoreValue || ignoreLease) && !view.get(key)) throw new EtcdError('KeyNotFound');
}

/** Carries out a plan that has been checked. */
export function runPlan(plan: Plan, writer: Writer, present: Present): TxnResponse {
  return {
    header: undefined,
    succeeded: plan.succeeded,
    responses: plan.steps.map((step) => {
      if (step.kind === 'op') return runOp(step.op, writer, present);
      // etcd leaves the header of a nested answer empty.
      const nested = runPlan(step.plan, writer, present);
      return response({ responseTxn: { ...nested, header: inner(0n) } });
    }),
  };
}

function runOp(op: RequestOp, writer: Writer, present: Present): ResponseOp {
  if (op.requestPut) {
    const prevKv = put(writer, op.requestPut);
    return response({ responsePut: { header: inner(writer.revision), prevKv } });
  }
  if (op.requestDeleteRange) {
    const deleted = deleteRange(writer, op.requestDeleteRange);
    return response({ responseDeleteRange: { header: inner(writer.revision), ...deleted } });
  }
  const { compactRevision } = present;
  const now = { view: writer.view, revision: writer.revision, compactRevision };
  const found = range(now, op.requestRange!);
  return response({ responseRange: { header: inner(writer.revision), ...found } });
}

export function put(writer: Writer, request: PutRequest): PutResponse['prevKv'] {
  const { key, prevKv, ignoreValue, ignoreLease } = request;
  const previous = prevKv || ignoreValue || ignoreLease ? writer.view.get(key) : undefined;
  const value = ignoreValue && previous ? previous.value : request.value;
  const lease = ignoreLease && previous ? previous.lease : request.lease;
  writer.put(key, value, lease);
  return prevKv ? previous : undefined;
}

export function deleteRange(
  writer: Writer,
  request: DeleteRangeRequest,
): Omit<DeleteRangeResponse, 'header'> {
  const keys = interval(request.key, request.rangeEnd);
  const prevKvs = request.prevKv ? writer.view.range(keys).kvs : [];
  return { deleted: writer.delete(keys), prevKvs };
}

/** A comparison over an interval holds if it holds for each key of it; over none, for a key that never was. */
function holds(view: View, compare: Compare): boolean {
  const { kvs } = view.range(interval(compare.key, compare.rangeEnd));
  if (kvs.length > 0) return kvs.every((kv) => compares(kv, compare));
  return compare.target !== CompareTarget.VALUE && compares(NEVER, compare);
}

const NEVER: KeyValue = { key: '', createRevision: 0n, modRevision: 0n, version: 0n, value: '', lease: 0n };

function compares(kv: KeyValue, compare: Compare): boolean {
  const result = difference(kv, compare);
  switch (compare.result) {
    case CompareResult.EQUAL:
      return result === 0;
    case CompareResult.NOT_EQUAL:
      return result !== 0;
    case CompareResult.GREATER:
      return result > 0;
    case CompareResult.LESS:
      return result < 0;
    default:
      return true;
  }
}

function difference(kv: KeyValue, compare: Compare): number {
  switch (compare.target) {
    case CompareTarget.VALUE:
      return order(kv.value, compare.value);
    case CompareTarget.CREATE:
      return order(kv.createRevision, compare.createRevision);
    case CompareTarget.MOD:
      return order(kv.modRevision, compare.modRevision);
    case CompareTarget.VERSION:
      return order(kv.version, compare.version);
    case CompareTarget.LEASE:
      return order(kv.lease, compare.lease);
    default:
      return 0;
  }
}

function eachOp(plan: Plan, visit: (op: RequestOp) => void): void {
  for (const step of plan.steps) {
    if (step.kind === 'nested') eachOp(step.plan, visit);
    else visit(step.op);
  }
}

const NO_RESPONSE: ResponseOp = {
  responseRange: undefined,
  responsePut: undefined,
  responseDeleteRange: undefined,
  responseTxn: undefined,
};

function response(set: Partial<ResponseOp>): ResponseOp {
  return { ...NO_RESPONSE, ...set };
}

function inner(revision: bigint): ResponseHeader {
  return { clusterId: 0n, memberId: 0n, revision, raftTerm: 0n };
}

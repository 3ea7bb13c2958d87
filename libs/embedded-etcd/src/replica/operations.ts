import type { CompactionRequest, DeleteRangeRequest, PutRequest, TxnRequest } from '../mvcc/requests.js';
import {
  compactionRequest,
  deleteRangeRequest,
  leaseGrantRequest,
  leaseRevokeRequest,
  putRequest,
  txnRequest,
} from '../proto/messages.js';
import { int, int64, many, message, type MessageType } from '../proto/wire.js';
import type { StateMachine } from './state-machine.js';

/**
 * What changes the state, and so goes through the log: a code, which is the first byte of its entries, and a
 * request in the bytes in which it came over the wire. Codes are never used again for something else.
 */
export interface Operation<Request, Response> {
  readonly code: number;
  readonly request: MessageType<Request>;
  apply(machine: StateMachine, request: Request): Response;
}

const leaseCheckpoint = message<{ ID: bigint; remainingMs: number }>({ ID: int64(1), remainingMs: int(2) });
const leaseCheckpoints = message<{ checkpoints: readonly { ID: bigint; remainingMs: number }[] }>({
  checkpoints: many(1, () => leaseCheckpoint),
});

export const operations = {
  put: operation(1, putRequest, (machine, request: PutRequest) => machine.put(request)),
  deleteRange: operation(2, deleteRangeRequest, (machine, request: DeleteRangeRequest) =>
    machine.deleteRange(request),
  ),
  txn: operation(3, txnRequest, (machine, request: TxnRequest) => machine.txn(request)),
  compact: operation(4, compactionRequest, (machine, request: CompactionRequest) => machine.compact(request)),
  leaseGrant: operation(5, leaseGrantRequest, (machine, request) => machine.grantLease(request)),
  leaseRevoke: operation(6, leaseRevokeRequest, (machine, request) => machine.revokeLease(request)),
  leaseCheckpoint: operation(7, leaseCheckpoints, (machine, request) => machine.checkpointLeases(request)),
};

const byCode = new Map<number, Operation<unknown, unknown>>(
  Object.values(operations).map((operation) => [operation.code, operation as Operation<unknown, unknown>]),
);

export function operationOf(code: number): Operation<unknown, unknown> | undefined {
  return byCode.get(code);
}

function operation<Request, Response>(
  code: number,
  request: MessageType<Request>,
  apply: (machine: StateMachine, request: Request) => Response,
): Operation<Request, Response> {
  return { code, request, apply };
}

import { status } from '@grpc/grpc-js';
import { isOrbweaverError, type ErrorCode } from '@app/errors';

/** What a caller is told: a gRPC status and the HTTP status that goes with it. Never status details. */
export interface Status {
  readonly code: status;
  readonly message: string;
  /** Set where HTTP says it better than the table. */
  readonly http?: number;
  /** Our own code, which says more than gRPC's; a node that asks another is told it beside the status. */
  readonly reason?: ErrorCode;
}

/** The one place where an error's code becomes a status. */
const GRPC: Readonly<Record<ErrorCode, status>> = {
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  CONFLICT: status.ABORTED,
  FAILED_PRECONDITION: status.FAILED_PRECONDITION,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  UNIMPLEMENTED: status.UNIMPLEMENTED,
  CANCELLED: status.CANCELLED,
  INTERNAL: status.INTERNAL,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  NO_WORKER_NODES: status.UNAVAILABLE,
  NO_LEADER: status.UNAVAILABLE,
  NOT_LEADER: status.UNAVAILABLE,
  UNAVAILABLE: status.UNAVAILABLE,
  ETCD_UNAVAILABLE: status.UNAVAILABLE,
  LEASE_LOST: status.UNAVAILABLE,
  COMPACTED: status.UNAVAILABLE,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  SUPERSEDED: status.ABORTED,
  EXTRACT_FAILED: status.FAILED_PRECONDITION,
};

const HTTP: Readonly<Record<status, number>> = {
  [status.OK]: 200,
  [status.CANCELLED]: 499,
  [status.UNKNOWN]: 500,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.FAILED_PRECONDITION]: 400,
  [status.ABORTED]: 409,
  [status.OUT_OF_RANGE]: 400,
  [status.UNIMPLEMENTED]: 501,
  [status.INTERNAL]: 500,
  [status.UNAVAILABLE]: 503,
  [status.DATA_LOSS]: 500,
  [status.UNAUTHENTICATED]: 401,
};

/** Trailing metadata of a failed call: the reason beside the status. */
export const REASON_METADATA = 'orbweaver-code';

export const INTERNAL: Status = { code: status.INTERNAL, message: 'internal error' };

/** An error that is not ours says nothing to the caller: what went wrong stands in the log. */
export function statusOf(error: unknown): Status {
  if (isOrbweaverError(error) && error.code !== 'INTERNAL') {
    return { code: GRPC[error.code], message: error.message, reason: error.code };
  }
  return error instanceof StatusError ? error.status : INTERNAL;
}

export function httpStatusOf(answer: Status): number {
  return answer.http ?? HTTP[answer.code];
}

/** An error whose answer is settled already: the status of another node, passed on as it is. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** As grpc-js reads it from the error of a stream. */
  readonly code: status;

  constructor(
    readonly status: Status,
    options?: { cause?: unknown },
  ) {
    super(status.message, options);
    this.code = status.code;
  }
}

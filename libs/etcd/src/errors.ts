import { status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { OrbweaverError, type ErrorCode } from '@app/errors';

/**
 * The one place where etcd's gRPC statuses become errors of this system. etcd tells many cases apart by their
 * messages only; these are part of its API (clients in Go match on them too).
 */
export function translate(error: unknown, action: string): OrbweaverError {
  if (error instanceof OrbweaverError) return error;
  const { code, details } = statusOf(error);
  return new OrbweaverError(codeOf(code, details), `etcd: ${action}: ${details}`, { cause: error });
}

/** A watch is refused in a message of its stream, by words alone. */
export function translateCancellation(reason: string, action: string): OrbweaverError {
  return new OrbweaverError(codeOf(status.UNAVAILABLE, reason), `etcd: ${action}: ${reason || 'cancelled'}`);
}

/** etcd forgets tokens when it restarts and after some minutes without use. Nothing was done then. */
export function isStaleToken(error: unknown): boolean {
  return /invalid auth token|revision of auth store is old/.test(statusOf(error).details);
}

/** The call found no connection, or every endpoint was passed over: nothing has left this process. */
export function wasNotSent({ cause }: OrbweaverError): boolean {
  return /^No connection established|closed before call started|is passed over/.test(statusOf(cause).details);
}

const BY_MESSAGE: readonly (readonly [RegExp, ErrorCode])[] = [
  [/requested lease not found/, 'LEASE_LOST'],
  [/required revision has been compacted/, 'COMPACTED'],
  [/client was already closed/, 'CANCELLED'],
  [/database space exceeded/, 'RESOURCE_EXHAUSTED'],
  [/permission denied/, 'PERMISSION_DENIED'],
  [/authentication failed|invalid auth token|user name is empty|auth.* not enabled/, 'UNAUTHENTICATED'],
];

const BY_STATUS: Partial<Record<status, ErrorCode>> = {
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.ALREADY_EXISTS]: 'ALREADY_EXISTS',
  [status.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
  [status.FAILED_PRECONDITION]: 'FAILED_PRECONDITION',
  [status.OUT_OF_RANGE]: 'FAILED_PRECONDITION',
  [status.UNIMPLEMENTED]: 'UNIMPLEMENTED',
};

/** Whatever else happens (deadlines, resets, no leader, open breakers) means: no answer, perhaps later. */
function codeOf(code: status | undefined, details: string): ErrorCode {
  const byMessage = BY_MESSAGE.find(([message]) => message.test(details));
  return byMessage?.[1] ?? (code === undefined ? undefined : BY_STATUS[code]) ?? 'ETCD_UNAVAILABLE';
}

export function statusOf(error: unknown): { code: status | undefined; details: string } {
  const { code, details, message } = error as Partial<ServiceError & StatusObject>;
  return { code: typeof code === 'number' ? code : undefined, details: details || message || String(error) };
}

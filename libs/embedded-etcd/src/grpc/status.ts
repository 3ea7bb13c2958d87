import { EtcdError } from '../etcd-error.js';

export const StatusCode = {
  OK: 0,
  UNKNOWN: 2,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** A status that comes from the transport, not from etcd. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Trailers {
  'grpc-status': string;
  'grpc-message'?: string;
}

export const OK: Trailers = { 'grpc-status': '0' };

/** Whether an error is meant for the client; any other is a fault of ours. */
export function isStatus(error: unknown): error is EtcdError | GrpcError {
  return error instanceof EtcdError || error instanceof GrpcError;
}

export function trailersOf(error: unknown): Trailers {
  if (!isStatus(error))
    return { 'grpc-status': String(StatusCode.INTERNAL), 'grpc-message': 'internal error' };
  return { 'grpc-status': String(error.code), 'grpc-message': percentEncoded(error.message) };
}

/** As gRPC over HTTP/2 wants it: printable ASCII but for the percent sign, the rest as UTF-8 in %XX. */
function percentEncoded(message: string): string {
  return message.replaceAll(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
}

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

export function trailersOf(error: unknown): Trailers {
  const known = error instanceof EtcdError || error instanceof GrpcError;
  const code = known ? error.code : StatusCode.INTERNAL;
  const message = known ? error.message : 'internal error';
  return { 'grpc-status': String(code), 'grpc-message': percentEncoded(message) };
}

/** As gRPC over HTTP/2 wants it: printable ASCII but for the percent sign, the rest as UTF-8 in %XX. */
function percentEncoded(message: string): string {
  return message.replaceAll(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
}

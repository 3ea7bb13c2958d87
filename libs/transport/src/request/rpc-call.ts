import type { ExecutionContext } from '@nestjs/common';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import { grpcCall } from '../grpc/grpc-call.js';
import { restCall } from '../rest/rest-call.js';
import type { Rpc } from './rpc.js';

/** A call in progress, seen alike from REST and gRPC: what interceptors and guards work on. */
export interface RpcCall {
  readonly transport: 'grpc' | 'rest';
  readonly rpc: Rpc;
  readonly request: unknown;
  /**
   * What the caller asked for beyond the message: the query parameter `pending` over REST, the metadata
   * key `orbweaver-pending` over gRPC.
   */
  option(name: CallOption): string | undefined;
  /** Until the caller's deadline; undefined when it set none. */
  remainingMs(): number | undefined;
  /** Aborts when the caller has gone or its deadline has passed. */
  readonly signal: AbortSignal;
}

export type CallOption = 'pending' | 'consistency' | 'forwarded-by';

/** For a handler that is marked with `@RestRpc` or is one of a served gRPC service. */
export function rpcCall(context: ExecutionContext): RpcCall {
  return context.getType() === 'http'
    ? restCall(context.switchToHttp().getRequest<FastifyRequest>(), context.getHandler())
    : grpcCall(context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2));
}

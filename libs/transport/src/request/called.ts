import type { ExecutionContext } from '@nestjs/common';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import { OrbweaverError } from '@app/errors';
import { grpcCall } from '../grpc/grpc-call.js';
import { restCall } from '../rest/rest-call.js';
import type { RpcCall } from './rpc-call.js';
import { rpcAtPath } from './rpc.js';

/** For a handler that is marked with `@RestRpc` or is one of a served gRPC service. */
export function rpcCall(context: ExecutionContext): RpcCall {
  if (context.getType() === 'http') {
    return restCall(context.switchToHttp().getRequest<FastifyRequest>(), context.getHandler());
  }
  const call = context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2);
  const rpc = rpcAtPath(call.getPath());
  if (rpc === undefined) {
    throw new OrbweaverError('UNIMPLEMENTED', `no RPC at ${call.getPath()}`);
  }
  return grpcCall(call, rpc);
}

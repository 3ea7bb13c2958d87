import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { rpcCall } from '../request/called.js';
import { RestInterceptor } from './rest-interceptor.js';
import { RPC_METADATA, type RouteDocs, type RouteRpc } from './route-rpc.js';

/**
 * Makes a REST route the JSON form of an RPC, as grpc-gateway would: the handler takes the message by
 * `@RpcRequest()`, returns the answer's message, and answers with status 200. Stands below any other
 * decorator that binds interceptors.
 */
export function RestRpc(name: string, docs: RouteDocs = {}): MethodDecorator {
  const route: RouteRpc = { name, ...docs };
  return applyDecorators(SetMetadata(RPC_METADATA, route), HttpCode(200), UseInterceptors(RestInterceptor));
}

/** The request's message: from the query, over it the JSON body, over all the path. */
export const RpcRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext) => rpcCall(context).request,
);

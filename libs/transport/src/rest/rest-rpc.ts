import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { rpcCall } from '../request/rpc-call.js';
import { RestInterceptor } from './rest-interceptor.js';

export const RPC_METADATA = 'orbweaver:rpc';

/**
 * Makes a REST route the JSON form of an RPC, as grpc-gateway would: the handler takes the message by
 * `@RpcRequest()`, returns the answer's message, and answers with status 200.
 */
export function RestRpc(name: string): MethodDecorator {
  return applyDecorators(SetMetadata(RPC_METADATA, name), HttpCode(200), UseInterceptors(RestInterceptor));
}

/** The request's message: from the JSON body, then the query, then the path, each over the one before. */
export const RpcRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext) => rpcCall(context).request,
);

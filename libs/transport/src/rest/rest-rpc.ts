import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { rpcCall, type CallOption } from '../request/rpc-call.js';
import { RestInterceptor } from './rest-interceptor.js';

/** What the API's documentation says of a route beyond its RPC's messages and comments. */
export interface RouteDocs {
  readonly summary?: string;
  /** Examples. */
  readonly request?: object;
  readonly answer?: object;
  /** The field that the body is, where it is not the whole message. */
  readonly body?: string;
  /** The options of the call that the route knows, as query parameters. */
  readonly options?: readonly CallOption[];
}

export interface RouteRpc extends RouteDocs {
  readonly name: string;
}

export const RPC_METADATA = 'orbweaver:rpc';

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

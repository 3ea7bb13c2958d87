import type { FastifyRequest } from 'fastify';
import { OrbweaverError } from '@app/errors';
import type { RpcCall } from '../request/rpc-call.js';
import { rpcNamed } from '../request/rpc.js';
import { RPC_METADATA, type RouteRpc } from './route-rpc.js';
import { requestMessage } from './request-message.js';

const calls = new WeakMap<FastifyRequest, RpcCall>();

/** Parses the request once, for whoever asks first. */
export function restCall(request: FastifyRequest, handler: object): RpcCall {
  let call = calls.get(request);
  if (call === undefined) {
    calls.set(request, (call = open(request, handler)));
  }
  return call;
}

function open(request: FastifyRequest, handler: object): RpcCall {
  const route = Reflect.getMetadata(RPC_METADATA, handler) as RouteRpc;
  const rpc = rpcNamed(route.name);
  const query = (request.query ?? {}) as Record<string, unknown>;
  let gone: AbortController | undefined;
  return {
    transport: 'rest',
    rpc,
    request: requestMessage(rpc, request.body, query, request.params as Record<string, string>, route.body),
    option: (name) => {
      // The marks of a forwarded call are for masters among themselves: no REST caller may set them.
      const value = name === 'forwarded-by' || name === 'gathered' ? undefined : query[name];
      return typeof value === 'string' ? value : undefined;
    },
    remainingMs: () => undefined,
    get signal() {
      if (gone === undefined) {
        const controller = (gone = new AbortController());
        const { socket } = request.raw;
        const close = (): void => controller.abort(new OrbweaverError('CANCELLED', 'the caller has gone'));
        if (socket.destroyed) {
          close();
        } else {
          socket.once('close', close);
        }
      }
      return gone.signal;
    },
  };
}

import type { ServerUnaryCall } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import type { RpcCall } from '../request/rpc-call.js';
import type { Rpc } from '../request/rpc.js';

type Call = Pick<
  ServerUnaryCall<unknown, unknown>,
  'request' | 'metadata' | 'getPath' | 'getDeadline' | 'cancelled' | 'once'
>;

export function grpcCall(call: Call, rpc: Rpc): RpcCall {
  let cancelled: AbortController | undefined;
  return {
    transport: 'grpc',
    rpc,
    request: call.request,
    option: (name) => call.metadata.get(`orbweaver-${name}`)[0]?.toString(),
    remainingMs: () => {
      const deadline = Number(call.getDeadline());
      return Number.isFinite(deadline) ? deadline - Date.now() : undefined;
    },
    get signal() {
      if (cancelled === undefined) {
        const controller = (cancelled = new AbortController());
        const gone = (): void => controller.abort(new OrbweaverError('CANCELLED', 'the caller has gone'));
        if (call.cancelled) {
          gone();
        } else {
          call.once('cancelled', gone);
        }
      }
      return cancelled.signal;
    },
  };
}

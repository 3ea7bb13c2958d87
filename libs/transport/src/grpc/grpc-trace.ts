import { context, propagation, type Attributes } from '@opentelemetry/api';
import { Metadata } from '@grpc/grpc-js';
import { tracesAreOn } from '@app/observability';
import type { Arrival } from '../request/server-span.js';
import type { Rpc } from '../request/rpc.js';

/** Metadata of a call to another node: with the trace context that the call belongs to, if to any. */
export function callMetadata(): Metadata {
  const metadata = new Metadata();
  if (tracesAreOn()) {
    propagation.inject(context.active(), metadata, { set: (into, key, value) => into.set(key, value) });
  }
  return metadata;
}

/** Undefined for calls that were gathered into one: each has a trace of its own. */
export function grpcArrival(metadata: Metadata, rpc: Rpc): Arrival | undefined {
  const first = (key: string): string | undefined => metadata.get(key)[0]?.toString();
  if (first('orbweaver-gathered') !== undefined) return undefined;
  const carrier = { traceparent: first('traceparent'), tracestate: first('tracestate') };
  return { name: rpcMethod(rpc), attributes: rpcAttributes(rpc), carrier };
}

export function rpcAttributes(rpc: Rpc): Attributes {
  return { 'rpc.system.name': 'grpc', 'rpc.method': rpcMethod(rpc) };
}

/** `orbweaver.v1.Cluster/GetResource`, under whichever alias it was called. */
export function rpcMethod({ definition }: Rpc): string {
  return definition.path.slice(1);
}

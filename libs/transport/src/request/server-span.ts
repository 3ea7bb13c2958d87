import { context, SpanKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import { status } from '@grpc/grpc-js';
import { beginSpan, remoteContext, tracesAreOn } from '@app/observability';
import { httpStatusOf } from '../errors/status.js';
import type { Rpc } from './rpc.js';

/** How a call came: what its span is named, what is told of it, and the trace context that came along. */
export interface Arrival {
  readonly name: string;
  readonly attributes: Attributes;
  readonly carrier: Readonly<Record<string, unknown>>;
}

/**
 * Serves a call in a span of its own while traces are on: a child of the caller's, or the beginning of a trace. What
 * nodes ask each other of their own accord begins none.
 */
export function inServerSpan<T>(
  rpc: Rpc | undefined,
  arrival: (rpc: Rpc) => Arrival | undefined,
  serve: () => T,
): T {
  if (rpc === undefined || !tracesAreOn()) return serve();
  const arrived = arrival(rpc);
  if (arrived === undefined) return serve();
  const { name, attributes, carrier } = arrived;
  const caller = remoteContext(carrier);
  if (BETWEEN_NODES.test(rpc.name) && trace.getSpan(caller) === undefined) return serve();
  const { inside } = beginSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
  return context.with(inside, serve);
}

/** For whoever is in the span; what is returned ends it, with the status of the answer. */
export function serverSpanEnd(transport: 'grpc' | 'rest'): (code: status) => void {
  const span = tracesAreOn() ? trace.getActiveSpan() : undefined;
  if (span === undefined) return () => undefined;
  return (code) => {
    span.setAttributes(
      transport === 'grpc'
        ? { 'rpc.response.status_code': status[code] }
        : { 'http.response.status_code': httpStatusOf({ code, message: '' }) },
    );
    if (FAULTS.has(code)) span.setStatus({ code: SpanStatusCode.ERROR, message: status[code] });
    span.end();
  };
}

const BETWEEN_NODES = /^(?:Worker|Process|Health)\./;

/** Of the server; the others say that the call was wrong. */
const FAULTS: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

import {
  context,
  defaultTextMapGetter,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
} from '@opentelemetry/api';

/**
 * Traces of this process, through OpenTelemetry's API. Until `startTraces` has loaded the SDK they are off: then
 * work is only called, nothing is allocated for a span, and no context is carried from one turn to the next.
 */
let on = false;

export function tracesAreOn(): boolean {
  return on;
}

/** For `startTraces` alone. */
export function turnTraces(isOn: boolean): void {
  on = isOn;
}

/**
 * Does the work in a span of its own, which ends when the work does, be it now or with its promise: a child of the
 * present span or of `parent`. Where there is none nothing is recorded, unless it is to be the `root` of a trace.
 */
export function inSpan<T>(name: string, options: SpanOptions, work: () => T, parent?: Context): T {
  if (!on || !(options.root || trace.getSpan(parent ?? context.active()))) return work();
  const { span, inside } = beginSpan(name, options, parent);
  let result: T;
  try {
    result = context.with(inside, work);
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
  if (result instanceof Promise) {
    const ended = (error?: unknown): void => endSpan(span, error);
    result.then(() => ended(), ended);
  } else endSpan(span);
  return result;
}

/** The span and what is active in it. */
export interface BegunSpan {
  readonly span: Span;
  readonly inside: Context;
}

export function beginSpan(name: string, options: SpanOptions, parent = context.active()): BegunSpan {
  const span = trace.getTracer(TRACER).startSpan(name, options, parent);
  return { span, inside: trace.setSpan(options.root ? ROOT_CONTEXT : parent, span) };
}

/** An error is told of in the span, too. */
function endSpan(span: Span, error?: unknown): void {
  if (error !== undefined) {
    const told = error instanceof Error ? error : new Error(JSON.stringify(error));
    span.recordException(told);
    span.setStatus({ code: SpanStatusCode.ERROR, message: told.message });
  }
  span.end();
}

/**
 * W3C `traceparent` of the present span, or of the one in another context, where that is recorded: what carries a
 * trace over the wire, and in etcd to the worker that does what was asked.
 */
export function traceParent(within = context.active()): string | undefined {
  const at = on ? trace.getSpanContext(within) : undefined;
  return at !== undefined && isSampled(at) ? `00-${at.traceId}-${at.spanId}-01` : undefined;
}

/** What a `traceparent` (and the `tracestate` beside it) of somebody else stands for; one that is none is nothing. */
export function remoteContext(carrier: Readonly<Record<string, unknown>>): Context {
  return propagation.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

/** The ids of the present span as fields of a log line. Empty when there is none that is recorded. */
export function traceFields(): string {
  const at = trace.getActiveSpan()?.spanContext();
  return at !== undefined && isSampled(at) ? `,"trace_id":"${at.traceId}","span_id":"${at.spanId}"` : '';
}

function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

const TRACER = 'orbweaver';

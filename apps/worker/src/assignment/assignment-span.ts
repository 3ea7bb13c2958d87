import { context, SpanKind } from '@opentelemetry/api';
import { beginSpan, inSpan, remoteContext, traceParent } from '@app/observability';
import type { Assignment } from './assignment.js';

/**
 * Does what comes between an assignment and its run, in the trace of the call that asked for it, if that is traced.
 * Gives also the trace context that the run goes on with.
 */
export async function inAssignmentSpan<T>(
  { name, epoch }: Assignment,
  asked: { traceParent?: string | undefined; sinceAt: number },
  claim: () => Promise<T>,
): Promise<{ claimed: T; traceParent?: string }> {
  if (asked.traceParent === undefined) return { claimed: await claim() };
  const attributes = { 'orbweaver.task': name, 'orbweaver.epoch': String(epoch) };
  const { span, inside } = beginSpan(
    'assignment',
    { kind: SpanKind.CONSUMER, startTime: asked.sinceAt, attributes },
    remoteContext({ traceparent: asked.traceParent }),
  );
  try {
    const claimed = await inSpan('claim', {}, claim, inside);
    const within = traceParent(inside);
    return within === undefined ? { claimed } : { claimed, traceParent: within };
  } finally {
    span.end();
  }
}

/** What comes of the run belongs to that trace, too: the lines of the process name it. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  return traceparent === undefined ? work() : context.with(remoteContext({ traceparent }), work);
}

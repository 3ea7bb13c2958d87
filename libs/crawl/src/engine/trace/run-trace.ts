import {
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { PageResult, TakenPage } from '../../store/frontier.js';
import type { Task } from '../../task/task-runner.js';
import { PageTrace } from './page-trace.js';

/**
 * A run as OpenTelemetry sees it: a span, with its first pages in it. Each of the later ones is a trace of its own
 * that points to it, as no trace is to grow with the size of its crawl. All of it comes to nothing, at no cost,
 * while the process records no traces.
 */
export class RunTrace {
  readonly #tracer: Tracer = trace.getTracer('orbweaver');
  readonly #span: Span;
  readonly #inside: Context;
  readonly #isOff: boolean;
  /** Of pages that the store does not know the end of, by their sequence number. */
  readonly #pages = new Map<number, PageTrace>();
  #pageCount = 0;

  constructor(task: Task) {
    const asked = parentOf(task);
    const { name, run, epoch, spec } = task;
    const attributes = {
      'orbweaver.task': name,
      'orbweaver.run': run,
      'orbweaver.epoch': Number(epoch),
      'orbweaver.fetcher': spec.fetcher,
    };
    this.#span = this.#tracer.startSpan('run', { attributes }, asked);
    this.#inside = trace.setSpan(asked, this.#span);
    this.#isOff = !isSpanContextValid(this.#span.spanContext());
  }

  /** Empty when it is not recorded. */
  get traceId(): string {
    return this.#span.isRecording() ? this.#span.spanContext().traceId : '';
  }

  /** A page is begun. Undefined: it is not traced. */
  page(page: TakenPage): PageTrace | undefined {
    if (this.#isOff) return undefined;
    const isInside = ++this.#pageCount <= PAGES_INSIDE;
    const parent = isInside ? this.#inside : ROOT_CONTEXT;
    const links = isInside ? [] : [{ context: this.#span.spanContext() }];
    const span = this.#tracer.startSpan('page', { links }, parent);
    if (!span.isRecording()) return undefined;
    const traced = new PageTrace(this.#tracer, span, trace.setSpan(parent, span), page);
    this.#pages.set(page.seq, traced);
    return traced;
  }

  /** The store is to know what came of it. */
  settled(result: PageResult): void {
    if (this.#pages.size > 0) this.#pages.get(result.seq)?.settled(result);
  }

  /** The store knows what came of these. */
  stored(results: readonly PageResult[]): void {
    if (this.#pages.size === 0) return;
    for (const { seq } of results) {
      this.#pages.get(seq)?.stored(results.length);
      this.#pages.delete(seq);
    }
  }

  /** It is left to another attempt, without a result. */
  putBack({ seq }: TakenPage): void {
    this.#pages.get(seq)?.end();
    this.#pages.delete(seq);
  }

  end(outcome: string, error?: Error): void {
    for (const page of this.#pages.values()) page.end();
    this.#pages.clear();
    this.#span.setAttributes({ 'orbweaver.outcome': outcome, 'orbweaver.pages': this.#pageCount });
    if (error !== undefined) {
      this.#span.recordException(error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
    this.#span.end();
  }
}

/** The store gives a crawl to its new owner. */
export async function inClaimSpan<T>(task: Task, claim: () => Promise<T>): Promise<T> {
  const attributes = { 'orbweaver.task': task.name, 'orbweaver.epoch': Number(task.epoch) };
  const span = trace.getTracer('orbweaver').startSpan('claim', { attributes }, parentOf(task));
  try {
    return await claim();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
    throw error;
  } finally {
    span.end();
  }
}

/** What asked for the run. */
function parentOf({ traceParent }: Task): Context {
  return traceParent === undefined
    ? ROOT_CONTEXT
    : propagation.extract(ROOT_CONTEXT, { traceparent: traceParent });
}

const PAGES_INSIDE = 100;

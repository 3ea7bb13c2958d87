import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Extraction } from '@app/extract';
import type { FetchAnswer } from '@app/fetch';
import type { PageResult, TakenPage } from '../../store/frontier.js';

/** One visit of a page: its request, what is read on it, and its way into the store. */
export class PageTrace {
  #storing: Span | undefined;

  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly inside: Context,
    private readonly page: TakenPage,
  ) {
    const { url, rule, depth, attempt } = page;
    span.setAttributes({
      'url.full': url,
      'orbweaver.rule': rule,
      'orbweaver.depth': depth,
      'orbweaver.attempt': attempt,
    });
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  fetch(request: () => Promise<FetchAnswer>): Promise<FetchAnswer> {
    const { url, attempt } = this.page;
    const { protocol, hostname, port } = new URL(url);
    const attributes: Attributes = {
      'http.request.method': 'GET',
      'url.full': url,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    };
    if (attempt > 0) attributes['http.request.resend_count'] = attempt;
    return this.#step('fetch', SpanKind.CLIENT, attributes, request, told);
  }

  extract(read: () => Promise<Extraction>): Promise<Extraction> {
    const attributes = { 'orbweaver.rule': this.page.rule };
    return this.#step('extract', SpanKind.INTERNAL, attributes, read, (span, { items, links }) =>
      span.setAttributes({ 'orbweaver.items': items.length, 'orbweaver.links': links.length }),
    );
  }

  /** The store is to know it. */
  settled({ state, status, error, items }: PageResult): void {
    this.span.setAttributes({ 'orbweaver.page.state': state, 'orbweaver.items': items.length });
    if (status > 0) this.span.setAttribute('http.response.status_code', status);
    if (state === 'failed' || state === 'retry') {
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    this.#storing = this.tracer.startSpan('store', {}, this.inside);
  }

  /** With how many others. */
  stored(batchSize: number): void {
    this.#storing?.setAttribute('db.operation.batch.size', batchSize);
    this.end();
  }

  end(): void {
    this.#storing?.end();
    this.span.end();
  }

  async #step<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: () => Promise<T>,
    tell: (span: Span, result: T) => void,
  ): Promise<T> {
    const span = this.tracer.startSpan(name, { kind, attributes }, this.inside);
    try {
      const result = await context.with(trace.setSpan(this.inside, span), work);
      tell(span, result);
      return result;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  }
}

function told(span: Span, answer: FetchAnswer): void {
  if (answer.kind === 'answer') {
    const { status, body } = answer;
    span.setAttributes({ 'http.response.status_code': status, 'orbweaver.bytes': body.length });
    if (status >= 400) failed(span, String(status), '');
  } else if (answer.kind === 'unreachable') failed(span, 'unreachable', answer.reason);
  else {
    if (answer.status > 0) span.setAttribute('http.response.status_code', answer.status);
    failed(span, 'refused', answer.reason);
  }
}

function failed(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

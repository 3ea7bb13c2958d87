import type { Context } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';

/**
 * Delivers spans in batches, in the background. At most MAX_WAITING wait or are on their way; beyond, as while the
 * collector is away, spans are dropped: nothing waits for traces. That they do not arrive is said once, and that
 * they do again.
 */
export class Delivery implements SpanProcessor {
  private readonly batches: BatchSpanProcessor;
  private readonly spans;
  private waiting = 0;
  private failing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly address: string,
    metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.spans = metrics.counter(
      'orbweaver_spans_total',
      'Spans of traces that have ended: delivered, undelivered (no collector took them), dropped (too many waited).',
      ['outcome'],
    );
    this.batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) => this.deliver(spans, done),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: MAX_WAITING,
      maxExportBatchSize: MAX_BATCH,
      scheduledDelayMillis: EVERY_MS,
    });
  }

  onStart(span: Span, parent: Context): void {
    this.batches.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    if (this.waiting >= MAX_WAITING) {
      this.spans.inc({ outcome: 'dropped' });
      return;
    }
    this.waiting++;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }

  /** Delivers what waits, unless nobody takes it, for at most so long. */
  async stop(ms: number): Promise<void> {
    if (this.failing) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.shutdown(), late]).finally(() => clearTimeout(timer));
  }

  private deliver(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, ({ code, error }) => {
      const delivered = code === ExportResultCode.SUCCESS;
      this.waiting -= spans.length;
      this.spans.inc({ outcome: delivered ? 'delivered' : 'undelivered' }, spans.length);
      this.tell(delivered, error);
      // It has been dealt with: the SDK has nothing to report.
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  private tell(delivered: boolean, error: Error | undefined): void {
    if (delivered !== this.failing) return;
    this.failing = !delivered;
    if (delivered) this.logger.info({ endpoint: this.address }, 'traces are delivered again');
    else this.logger.warn({ endpoint: this.address, error: String(error) }, 'traces are not delivered');
  }
}

const MAX_WAITING = 8_192;
const MAX_BATCH = 512;
const EVERY_MS = 1_000;

import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  ParentBasedSampler,
  AlwaysOnSampler,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { settled, until } from '../../../../test/support/until.js';
import { createLogger } from '../logger.js';
import { Metrics } from '../metrics.js';
import { Delivery } from './delivery.js';

/** A collector as the exporter sees it. */
class Collector {
  taken = 0;
  isAway = false;
  /** Answers nothing until it is let go. */
  hangs = false;
  private readonly hanging: (() => void)[] = [];

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    if (this.hangs) return void this.hanging.push(() => done({ code: ExportResultCode.SUCCESS }));
    if (this.isAway) return done({ code: ExportResultCode.FAILED, error: new Error('refused') });
    this.taken += spans.length;
    done({ code: ExportResultCode.SUCCESS });
  }

  letGo(): void {
    for (const done of this.hanging) done();
  }

  async shutdown(): Promise<void> {}
}

function delivering(collector: Collector) {
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) };
  const metrics = new Metrics({ processMetrics: false });
  const delivery = new Delivery(
    collector,
    'http://collector',
    metrics,
    createLogger({ name: 'test', destination }),
  );
  const sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() });
  const tracer = new TracerProvider({ sampler, spanProcessors: [delivery] }).getTracer('test');
  return {
    delivery,
    record: (count: number) => {
      for (let i = 0; i < count; i++) tracer.startSpan('work').end();
    },
    lines: () => lines.map(({ level, msg }) => `${level} ${msg}`),
    counted: async (outcome: string) =>
      Number(new RegExp(`outcome="${outcome}"} (\\d+)`).exec(await metrics.text())?.[1] ?? 0),
  };
}

test('what has ended is delivered when it stops', async () => {
  const collector = new Collector();
  const { delivery, record, counted } = delivering(collector);
  record(700);
  await delivery.stop(30_000);
  expect(collector.taken).toBe(700);
  expect(await counted('delivered')).toBe(700);
});

test('that nobody takes spans is said once, and once that they are taken again', async () => {
  const collector = new Collector();
  collector.isAway = true;
  const { delivery, record, lines, counted } = delivering(collector);
  for (const round of [1, 2]) {
    record(10);
    await delivery.forceFlush();
    expect(await counted('undelivered')).toBe(10 * round);
  }
  expect(lines()).toEqual(['WARN traces are not delivered']);
  collector.isAway = false;
  for (const round of [1, 2]) {
    record(10);
    await delivery.forceFlush();
    expect(await counted('delivered')).toBe(10 * round);
  }
  expect(lines()).toEqual(['WARN traces are not delivered', 'INFO traces are delivered again']);
});

test('more than a number do not wait, and a collector that hangs does not hold up the end', async () => {
  const collector = new Collector();
  collector.hangs = true;
  const { delivery, record, counted } = delivering(collector);
  record(20_000);
  expect(await counted('dropped')).toBe(20_000 - 8_192);
  await settled(delivery.stop(50), { what: 'the end' });
  collector.letGo();
});

test('a span is delivered soon though nobody stops', async () => {
  const collector = new Collector();
  const { record } = delivering(collector);
  record(1);
  await until(() => collector.taken > 0, { what: 'the span is taken' });
  expect(collector.taken).toBe(1);
});

import { context, trace } from '@opentelemetry/api';
import { OtlpReceiver } from '../../../../test/support/otlp-receiver.js';
import { createLogger } from '../logger.js';
import { Metrics } from '../metrics.js';
import { startTraces } from './start-traces.js';
import type { StopTraces } from './trace-options.js';
import { inSpan, remoteContext, traceParent, tracesAreOn } from './traces.js';

function options(endpoint: string | undefined, ratio = 1) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) };
  const logger = createLogger({ name: 'test', destination });
  const metrics = new Metrics({ processMetrics: false });
  return { service: 'test', instance: '1', version: '0', endpoint, ratio, logger, metrics, lines };
}

describe('while no address is configured', () => {
  test.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' },
  ])('traces are off, and work is only done (%j)', async (env) => {
    const { lines, ...off } = options(undefined);
    await (
      await startTraces(off, env)
    )();
    expect(tracesAreOn()).toBe(false);
    expect(inSpan('work', { root: true }, () => trace.getActiveSpan())).toBeUndefined();
    expect(traceParent()).toBeUndefined();
    off.logger.info('a line');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toHaveProperty('trace_id');
  });
});

describe('while they are on', () => {
  let receiver: OtlpReceiver;
  let stop: StopTraces;
  const on = options(undefined);

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    const { lines: _, ...traced } = on;
    stop = await startTraces({ ...traced, endpoint: `${receiver.endpoint}/` });
  });
  afterAll(() => receiver.stop());

  test('a span ends with its work, in the trace that it is part of, and lines of it name it', async () => {
    const traceId = 'e'.repeat(32);
    const parent = remoteContext({ traceparent: `00-${traceId}-${'f'.repeat(16)}-01` });
    let passedOn: string | undefined;
    await inSpan(
      'outer',
      { attributes: { a: 1 } },
      async () => {
        await Promise.resolve();
        on.logger.info({ b: 2 }, 'inside');
        passedOn = traceParent();
        expect(() =>
          inSpan('inner', {}, () => {
            throw new Error('wrong');
          }),
        ).toThrow('wrong');
      },
      parent,
    );
    await expect(inSpan('failed', { root: true }, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    on.logger.info('outside');
    expect(inSpan('of nobody', {}, () => trace.getActiveSpan())).toBeUndefined();
    expect(inSpan('unsampled', {}, () => traceParent(), unsampled())).toBeUndefined();

    await stop();
    expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['failed', 'inner', 'outer']);
    const [outer] = receiver.named('outer');
    expect(outer).toMatchObject({ traceId, parentSpanId: 'f'.repeat(16), service: 'test', instance: '1' });
    expect(passedOn).toBe(`00-${traceId}-${outer?.spanId}-01`);
    expect(receiver.named('inner')).toMatchObject([{ parentSpanId: outer?.spanId, statusCode: 2 }]);
    expect(receiver.named('failed')).toMatchObject([{ parentSpanId: undefined, statusCode: 2 }]);
    const line = (msg: string) => on.lines.find((one) => one['msg'] === msg);
    expect(line('inside')).toMatchObject({ b: 2, trace_id: traceId, span_id: outer?.spanId });
    expect(line('outside')).not.toHaveProperty('trace_id');
  });

  test('what is no trace context is none', () => {
    for (const traceparent of ['', 'x', `00-${'0'.repeat(32)}-${'f'.repeat(16)}-01`, undefined]) {
      expect(trace.getSpan(remoteContext({ traceparent }))).toBeUndefined();
    }
    expect(trace.getSpan(context.active())).toBeUndefined();
  });
});

function unsampled() {
  return remoteContext({ traceparent: `00-${'e'.repeat(32)}-${'f'.repeat(16)}-00` });
}

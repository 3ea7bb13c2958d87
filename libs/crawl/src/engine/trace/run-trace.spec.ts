import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TracerProvider,
  TraceIdRatioBasedSampler,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { HttpFetcher } from '@app/fetch';
import { parseTaskSpec } from '@app/tasks';
import { MemoryCrawlStore } from '../../store/memory/memory-crawl-store.js';
import type { Task } from '../../task/task-runner.js';
import { Crawler } from '../crawler.js';
import { TestSite } from '../test-site.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const ASKED_BY = `00-${TRACE_ID}-b7ad6b7169203331-01`;

describe('a run in a trace', () => {
  const exporter = new InMemorySpanExporter();
  const fetcher = new HttpFetcher({ allowPrivate: true });
  let site: TestSite;
  let store: MemoryCrawlStore;
  let crawler: Crawler;
  beforeEach(async () => {
    site = await TestSite.open();
    site.pages = { '/': '<p>x' };
    store = new MemoryCrawlStore();
    crawler = new Crawler({ store, fetchers: { http: fetcher }, holder: 'test' });
  });
  afterEach(async () => {
    trace.disable();
    context.disable();
    propagation.disable();
    exporter.reset();
    await crawler.close();
    await site.close();
  });
  afterAll(() => fetcher.close());

  it('hangs from what asked for it, with its pages in it, and theirs is the trace of what they gave', async () => {
    record(1);
    await run({ traceParent: ASKED_BY });
    const [runSpan] = named('run');
    const [page] = named('page');
    expect(new Set(spans().map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE_ID]));
    expect([runSpan, ...named('claim')].map((span) => span?.parentSpanContext?.spanId)).toEqual([
      'b7ad6b7169203331',
      'b7ad6b7169203331',
    ]);
    expect(runSpan?.attributes).toMatchObject({ 'orbweaver.task': 'task', 'orbweaver.outcome': 'done' });
    expect(page?.parentSpanContext?.spanId).toBe(runSpan?.spanContext().spanId);
    for (const step of ['fetch', 'extract', 'store']) {
      expect(named(step)).toHaveLength(1);
      expect(named(step)[0]?.parentSpanContext?.spanId).toBe(page?.spanContext().spanId);
    }
    const [item] = await store.results.items('task', 0, 10);
    expect(item?.traceId).toBe(TRACE_ID);
    const lines = await store.logs.read('task', 0, 10);
    expect(lines.map(({ traceId }) => traceId)).toEqual([TRACE_ID, TRACE_ID]);
  });

  it('tells of requests as the conventions of OpenTelemetry name it', async () => {
    record(1);
    site.pages = { '/': '<p>x<a href="/gone">x</a>' };
    await run();
    const [home, gone] = named('fetch');
    expect(home?.kind).toBe(SpanKind.CLIENT);
    expect(home?.attributes).toEqual({
      'http.request.method': 'GET',
      'url.full': site.url('/'),
      'server.address': '127.0.0.1',
      'server.port': Number(site.host.split(':')[1]),
      'http.response.status_code': 200,
      'orbweaver.bytes': 25,
    });
    expect(home?.status.code).toBe(SpanStatusCode.UNSET);
    expect(gone?.attributes).toMatchObject({ 'http.response.status_code': 404, 'error.type': '404' });
    expect(gone?.status.code).toBe(SpanStatusCode.ERROR);
    const failed = named('page').find(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed?.status.message).toBe('HTTP 404');
    expect(failed?.attributes).toMatchObject({
      'url.full': site.url('/gone'),
      'orbweaver.page.state': 'failed',
    });
    const line = (await store.logs.read('task', 0, 10)).find(({ level }) => level === 'warn');
    expect(line?.traceId).toBe(failed?.spanContext().traceId);
  });

  it('has a hundred pages in its trace; later ones are traces of their own that point to it', async () => {
    record(1);
    manyPages(130);
    await run({ traceParent: ASKED_BY });
    const [runSpan] = named('run');
    const inside = named('page').filter((span) => span.spanContext().traceId === TRACE_ID);
    const own = named('page').filter((span) => span.spanContext().traceId !== TRACE_ID);
    expect([inside.length, own.length]).toEqual([100, 31]);
    for (const span of own) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map((link) => link.context.spanId)).toEqual([runSpan?.spanContext().spanId]);
    }
    expect(new Set(own.map((span) => span.spanContext().traceId)).size).toBe(31);
  });

  it('leaves a part of its later pages out where only a part of traces is recorded', async () => {
    record(0.5);
    manyPages(400);
    await run({ traceParent: ASKED_BY });
    const pages = named('page').length;
    expect(pages).toBeGreaterThan(100 + 75);
    expect(pages).toBeLessThan(100 + 225);
    const items = await store.results.items('task', 0, 1_000);
    expect(items.filter(({ traceId }) => traceId !== '')).toHaveLength(pages);
  });

  it('says its trace while it goes on, and ends its spans when it is stopped', async () => {
    record(1);
    site.pages = { '/': () => {} };
    const stop = new AbortController();
    const running = run({ traceParent: ASKED_BY }, stop.signal);
    await until(() => site.paths.length > 0);
    expect(crawler.traceId('task')).toBe(TRACE_ID);
    stop.abort();
    expect(await running).toBe('stopped');
    expect(crawler.traceId('task')).toBe('');
    expect(spans().map(({ name }) => name)).toEqual(['claim', 'fetch', 'page', 'run']);
  });

  it('comes to nothing while no traces are recorded', async () => {
    await run({ traceParent: ASKED_BY });
    const [item] = await store.results.items('task', 0, 10);
    const [line] = await store.logs.read('task', 0, 10);
    expect([item?.traceId, line?.traceId]).toEqual(['', '']);
  });

  it('keeps its trace to itself: no host is told of it', async () => {
    record(1);
    await run({ traceParent: ASKED_BY });
    for (const { headers } of site.requests) expect(headers).not.toHaveProperty('traceparent');
  });

  function record(ratio: number): void {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(
      new TracerProvider({
        sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
        spanProcessors: [new SimpleSpanProcessor({ exporter })],
      }),
    );
  }

  function manyPages(count: number): void {
    const links = Array.from({ length: count }, (_, index) => `<a href="/${index}">x</a>`);
    site.pages = { '/': `<p>x${links.join('')}` };
    site.otherwise = (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>x');
  }

  function run(change: Partial<Task> = {}, signal = new AbortController().signal) {
    const task = { name: 'task', id: '1', epoch: 1n, generation: 0, run: 1, retry: 0, ...change };
    const rules = { page: { follow: { select: 'a', to: 'page' }, fields: { text: 'p' } } };
    const spec = parseTaskSpec({ seeds: [site.url('/')], delay: 0, maxPages: 1_000, rules });
    return crawler.run({ ...task, spec }, { signal, holds: () => !signal.aborted });
  }

  function spans(): ReadableSpan[] {
    return exporter.getFinishedSpans();
  }

  function named(name: string): ReadableSpan[] {
    return spans().filter((span) => span.name === name);
  }
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 60_000; !condition();) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Metrics, Readiness } from '@app/observability';
import { ProbesController } from './probes.controller.js';

describe('what orchestrators and Prometheus ask', () => {
  const readiness = new Readiness();
  const metrics = new Metrics();
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      controllers: [ProbesController],
      providers: [
        { provide: Readiness, useValue: readiness },
        { provide: Metrics, useValue: metrics },
      ],
    }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });

  afterAll(() => app.close());

  test('a process is alive before it is ready, and says what it waits for', async () => {
    const etcd = readiness.condition('etcd');
    etcd.unmet('no answer from 127.0.0.1:2379');
    expect((await app.inject('/livez')).statusCode).toBe(200);
    const waiting = await app.inject('/readyz');
    expect(waiting.statusCode).toBe(503);
    expect(waiting.json()).toMatchObject({
      ready: false,
      conditions: { etcd: { ok: false, reason: 'no answer from 127.0.0.1:2379' } },
    });
    etcd.met();
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({ ready: true, conditions: { etcd: { ok: true } } });
  });

  test("metrics are in Prometheus's text format", async () => {
    metrics.counter('pages_total', 'Pages fetched').inc(3);
    const scraped = await app.inject('/metrics');
    expect(scraped.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(scraped.body).toMatch(/# TYPE pages_total counter\npages_total 3/);
  });
});

import { Metrics } from './metrics.js';

test('two registries in one process do not know of each other', async () => {
  const [one, other] = [new Metrics({ processMetrics: false }), new Metrics({ processMetrics: false })];
  one.counter('orbweaver_things_total', 'Things.', ['kind']).inc({ kind: 'a' });
  other.counter('orbweaver_things_total', 'Things.', ['kind']);
  expect(await one.text()).toContain('orbweaver_things_total{kind="a"} 1');
  expect(await other.text()).not.toContain('kind="a"');
});

test('a gauge that collects is asked at each scrape', async () => {
  const metrics = new Metrics({ processMetrics: false });
  let load = 0;
  metrics.gauge('orbweaver_load', 'Load.', ['node'], (gauge) => gauge.set({ node: 'n' }, ++load));
  await metrics.text();
  expect(await metrics.text()).toContain('orbweaver_load{node="n"} 2');
});

test('the process describes itself under the standard names', async () => {
  const text = await new Metrics().text();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    expect(text).toContain(name);
  }
});

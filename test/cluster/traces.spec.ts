import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from '@app/resources';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { freePorts } from '../support/ports.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { LogLine, MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 3;
const PAGE_SPANS = Array.from({ length: PAGES }, () => ['page', 'fetch', 'extract', 'store']).flat();

describe('traces of a cluster', () => {
  let receiver: OtlpReceiver;
  let cluster: Cluster;
  let site: Site;
  let directory: string;
  let follower: MasterProcess;
  let leader: MasterProcess;
  let worker: WorkerProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-traces-'));
    receiver = await OtlpReceiver.start();
    site = await Site.start(PAGES);
    cluster = await Cluster.start();
    const traced = `--otlp-endpoint=${receiver.endpoint}`;
    const masters = [await cluster.master('1', traced), await cluster.master('2', traced)];
    worker = await startWorker('1', traced);
    leader = await cluster.leader();
    follower = masters.find((master) => master !== leader) as MasterProcess;
    await Promise.all(masters.map((master) => cluster.workersKnown(master, 1)));
  }, LONG_MS);
  afterAll(async () => {
    await worker?.kill();
    await cluster?.stop();
    await site?.stop();
    await receiver?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function startWorker(id: string, ...flags: string[]): Promise<WorkerProcess> {
    return WorkerProcess.start(
      id,
      `--etcd=${cluster.etcd.endpoint}`,
      '--allow-private',
      `--data-dir=${join(directory, id)}`,
      ...flags,
    );
  }

  const spec = () => ({
    seeds: site.url,
    delay: 0,
    rules: { page: { follow: 'a', fields: { title: 'title' } } },
  });

  async function add(name: string, headers: Record<string, string> = {}): Promise<void> {
    const response = await fetch(`http://${follower.http}/crawler/resource`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name, spec: spec() }),
    });
    expect(response.status).toBe(200);
  }

  async function items(name: string, master = follower): Promise<{ traceId?: string }[]> {
    return until(
      async () => {
        const { status, body } = await master.rest('GET', `/crawler/resource/${name}/items/page`);
        const found = (body['items'] ?? []) as { traceId?: string }[];
        return status === 200 && found.length === PAGES && found;
      },
      { what: `${name} has its items`, everyMs: 100 },
    );
  }

  /** The spans of one trace, when those of these names have arrived: as many of each as it is named. */
  async function trace(traceId: string, ...names: string[]): Promise<ReceivedSpan[]> {
    return until(
      () => {
        const spans = receiver.trace(traceId);
        const count = (name: string) => spans.filter((span) => span.name === name).length;
        return names.every((name) => count(name) >= names.filter((other) => other === name).length) && spans;
      },
      { what: `${names.join(', ')} of trace ${traceId} arrive` },
    );
  }

  /** The names from a span up to the root, with who did it. */
  function ancestry(spans: readonly ReceivedSpan[], of: ReceivedSpan | undefined): string[] {
    const names: string[] = [];
    for (let span = of; span !== undefined;) {
      names.unshift(`${span.service.replace('orbweaver-', '')} ${span.instance}: ${span.name}`);
      const { parentSpanId } = span;
      span = spans.find(({ spanId }) => spanId === parentSpanId);
    }
    return names;
  }

  const instance = (master: MasterProcess) => (master === cluster.masters[0] ? '1' : '2');

  it(
    'lead from the call at a follower to each stored item',
    async () => {
      await add('whole');
      const traceIds = new Set((await items('whole')).map(({ traceId }) => traceId));
      expect(traceIds.size).toBe(1);
      const [traceId = ''] = traceIds as Set<string>;
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);

      const names = ['POST /crawler/resource', 'forward', 'CrawlerMaster/AddResource', 'plan', 'commit'];
      const spans = await trace(traceId, ...names, 'assignment', 'claim', 'run', ...PAGE_SPANS);
      const call = [
        `master ${instance(follower)}: POST /crawler/resource`,
        `master ${instance(follower)}: forward`,
        `master ${instance(leader)}: CrawlerMaster/AddResource`,
      ];
      const one = (name: string) => spans.find((span) => span.name === name);
      expect(ancestry(spans, one('plan'))).toEqual([...call, `master ${instance(leader)}: plan`]);
      const taken = [...call, `master ${instance(leader)}: commit`, 'worker 1: assignment'];
      expect(ancestry(spans, one('claim'))).toEqual([...taken, 'worker 1: claim']);
      const page = [...taken, 'worker 1: run', 'worker 1: page'];
      expect(ancestry(spans, one('fetch'))).toEqual([...page, 'worker 1: fetch']);
      expect(ancestry(spans, one('extract'))).toEqual([...page, 'worker 1: extract']);
      expect(ancestry(spans, one('store'))).toEqual([...page, 'worker 1: store']);
      expect(spans.filter(({ name }) => name === 'page')).toHaveLength(PAGES);
      expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
      expect(one('POST /crawler/resource')).toMatchObject({
        attributes: { 'http.route': '/crawler/resource', 'http.response.status_code': 200 },
      });
      expect(one('CrawlerMaster/AddResource')).toMatchObject({
        attributes: { 'rpc.system.name': 'grpc', 'rpc.response.status_code': 'OK' },
      });
    },
    LONG_MS,
  );

  it(
    'are those of a caller that traces, and what it does not record is not recorded',
    async () => {
      const unrecorded = 'c'.repeat(32);
      await add('unrecorded', { traceparent: `00-${unrecorded}-${'d'.repeat(16)}-00` });
      await items('unrecorded');

      const traceId = 'a'.repeat(32);
      await add('continued', { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` });
      const found = await items('continued');
      expect(found.map((item) => item.traceId)).toEqual(found.map(() => traceId));
      const spans = await trace(traceId, 'POST /crawler/resource', 'run');
      expect(spans.find(({ name }) => name === 'POST /crawler/resource')).toMatchObject({
        parentSpanId: 'b'.repeat(16),
      });

      // What was recorded later has come.
      expect(receiver.trace(unrecorded)).toEqual([]);
      expect((await cluster.client.get(keys.trace('unrecorded'))) ?? undefined).toBeUndefined();
    },
    LONG_MS,
  );

  it(
    'are named in the log lines of every process that has part in them',
    async () => {
      await add('logged');
      const [item] = await items('logged');
      const line = (process: { logged(msg: string): LogLine[] }, msg: string, about: string) =>
        until(() => process.logged(msg).find((one) => JSON.stringify(one).includes(`"${about}"`)), {
          what: `"${msg}" is logged`,
        });
      const received = await line(follower, 'receive request', 'logged');
      expect(received).toMatchObject({ trace_id: item?.traceId });
      expect(received['span_id']).toMatch(/^[0-9a-f]{16}$/);
      expect(await line(leader, 'add resource', 'logged')).toMatchObject({ trace_id: item?.traceId });
      expect(await line(worker, 'task started', 'logged')).toMatchObject({ trace_id: item?.traceId });
      expect(leader.logged('leading')[0]).not.toHaveProperty('trace_id');
    },
    LONG_MS,
  );

  it(
    'of adds that came together are one for each, and go with the resource or the next run',
    async () => {
      const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
      await Promise.all(names.map((name) => follower.add(name)));
      const stored = await Promise.all(names.map((name) => cluster.client.get(keys.trace(name))));
      const traceIds = stored.map((found) => found?.value.split('-')[1] ?? '');
      expect(new Set(traceIds).size).toBe(names.length);
      await Promise.all(
        traceIds.map((traceId) => trace(traceId, 'CrawlerMaster/AddResource', 'forward', 'commit')),
      );
      const [first = ''] = names;
      await follower.rest('POST', `/crawler/resource/${first}/restart`, {});
      const restarted = (await cluster.client.get(keys.trace(first)))?.value.split('-')[1];
      expect(restarted).toMatch(/^[0-9a-f]{32}$/);
      expect(restarted).not.toBe(traceIds[0]);
      await Promise.all(names.map((name) => follower.remove(name)));
      const left = await Promise.all(names.map((name) => cluster.client.get(keys.trace(name))));
      expect(left.filter((found) => found !== undefined)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'begin with the firing of a schedule, and lead to the run that it begins',
    async () => {
      const { status } = await follower.rest('POST', '/crawler/resource', {
        name: 'scheduled',
        spec: { ...spec(), schedule: '* * * * * *' },
      });
      expect(status).toBe(200);
      // A firing that another change has overtaken is traced too, and begins no run.
      const traceId = await until(
        () =>
          receiver
            .named('schedule')
            .filter(({ attributes }) => attributes['orbweaver.task'] === 'scheduled')
            .map((span) => span.traceId)
            .find((id) => receiver.trace(id).some(({ name }) => name === 'run')),
        { what: 'the schedule has fired, and a run is over' },
      );
      const spans = await trace(traceId, 'schedule', 'commit', 'assignment', 'run');
      const run = spans.find(({ name }) => name === 'run');
      expect(ancestry(spans, run)).toEqual([
        `master ${instance(leader)}: schedule`,
        `master ${instance(leader)}: commit`,
        'worker 1: assignment',
        'worker 1: run',
      ]);
      await follower.remove('scheduled');
    },
    LONG_MS,
  );

  it(
    'are not recorded with a ratio of 0, and no key is written',
    async () => {
      const quiet = await OtlpReceiver.start();
      const flags = [`--otlp-endpoint=${quiet.endpoint}`, '--trace-ratio=0'];
      const other = await Cluster.start();
      const master = await other.master('1', ...flags);
      const crawls = await WorkerProcess.start(
        '1',
        `--etcd=${other.etcd.endpoint}`,
        '--allow-private',
        `--data-dir=${join(directory, 'quiet')}`,
        ...flags,
      );
      try {
        await other.workersKnown(master, 1);
        const { status } = await master.rest('POST', '/crawler/resource', { name: 'quiet', spec: spec() });
        expect(status).toBe(200);
        const found = await items('quiet', master);
        expect(found.filter(({ traceId }) => traceId)).toEqual([]);
        expect(await other.client.get(keys.trace('quiet'))).toBeUndefined();
        expect((await crawls.stop()).code).toBe(0);
        expect((await master.process.stop()).code).toBe(0);
        expect(quiet.spans).toEqual([]);
      } finally {
        await crawls.kill();
        await other.stop();
        await quiet.stop();
      }
    },
    LONG_MS,
  );

  it(
    'that no collector takes are told of once, and hold up nothing',
    async () => {
      const other = await Cluster.start();
      const [port] = await freePorts(1);
      const flags = [`--otlp-endpoint=http://127.0.0.1:${port}`];
      const master = await other.master('1', ...flags);
      const crawls = await WorkerProcess.start(
        '1',
        `--etcd=${other.etcd.endpoint}`,
        '--allow-private',
        `--data-dir=${join(directory, 'alone')}`,
        ...flags,
      );
      try {
        await other.workersKnown(master, 1);
        await master.rest('POST', '/crawler/resource', { name: 'alone', spec: spec() });
        await items('alone', master);
        await master.process.waitForLine(/"msg":"traces are not delivered"/);
        await master.rest('GET', '/crawler/resource/alone');
        const metrics = await until(
          async () => {
            const text = await (await fetch(`http://${master.http}/metrics`)).text();
            return /^orbweaver_spans_total\{outcome="undelivered"\} ([1-9]\d*)$/m.exec(text);
          },
          { what: 'spans are counted as undelivered' },
        );
        expect(Number(metrics[1])).toBeGreaterThan(0);
        expect(master.logged('traces are not delivered')).toHaveLength(1);
        expect((await crawls.stop()).code).toBe(0);
        expect((await master.process.stop()).code).toBe(0);
        for (const { lines } of [crawls.process, master.process]) {
          expect(lines.filter((line) => line.includes('a step of stopping failed'))).toEqual([]);
        }
      } finally {
        await crawls.kill();
        await other.stop();
      }
    },
    LONG_MS,
  );
});

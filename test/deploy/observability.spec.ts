import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Cluster } from '../cluster/cluster.js';
import { WorkerProcess } from '../cluster/worker-process.js';

const TASK = 'a-task-of-some-name';

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

interface Rules {
  groups: {
    rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[];
  }[];
}

describe('the dashboard and the alerts', () => {
  let cluster: Cluster;
  let worker: WorkerProcess;
  let directory: string;
  let texts: string[];
  let metrics: Set<string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-observability-'));
    cluster = await Cluster.start();
    // Nobody takes the traces, but they are recorded and counted.
    const traced = '--otlp-endpoint=http://127.0.0.1:9';
    const master = await cluster.master('1', traced);
    const { endpoint } = cluster.etcd;
    worker = await WorkerProcess.start('1', `--etcd=${endpoint}`, `--data-dir=${directory}`, traced);
    await cluster.workersKnown(master, 1);
    await master.add(TASK);
    texts = await Promise.all(
      [master.http, worker.http].map(async (http) => (await fetch(`http://${http}/metrics`)).text()),
    );
    // Of a family without a sample only its type is told.
    metrics = new Set(
      texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)),
    );
  }, 120_000);
  afterAll(async () => {
    await worker?.kill();
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('ask for nothing that a running cluster does not tell', async () => {
    const dashboard = JSON.parse(await readFile('deploy/observability/dashboard.json', 'utf8')) as Dashboard;
    const { groups } = parse(await readFile('deploy/observability/alerts.yaml', 'utf8')) as Rules;
    const expressions = [
      ...dashboard.panels.flatMap(({ targets = [] }) => targets),
      ...groups.flatMap(({ rules }) => rules),
    ].map(({ expr }) => expr);
    expect(expressions.length).toBeGreaterThan(30);
    const asked = expressions.flatMap((expr) => expr.match(/\b(?:orbweaver|process|nodejs)_\w+/g) ?? []);
    const unknown = asked.filter(
      (name) => !metrics.has(name) && !metrics.has(name.replace(/_(?:bucket|sum|count)$/, '')),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  it('are fed by metrics that are named as Prometheus wants it', () => {
    const families = texts.flatMap((text) => [...text.matchAll(/^# TYPE (orbweaver_\S+) (\S+)$/gm)]);
    expect(families.length).toBeGreaterThan(30);
    for (const [, name = '', type = ''] of families) {
      expect(name).toMatch(/^[a-z]+(?:_[a-z]+)+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      // Base units, and a unit wherever there is one.
      expect(name).not.toMatch(/_(?:ms|millis|minutes|kb|mb|percent)(?:_|$)/);
      if (type === 'histogram') expect(name).toMatch(/_(?:seconds|size)$/);
      expect(texts.join('\n')).toMatch(new RegExp(`^# HELP ${name} [A-Z0-9].+\\.$`, 'm'));
    }
  });

  it('are fed by metrics whose labels have few values, none of them a name of a task or host', () => {
    const samples = texts.flatMap((text) => [...text.matchAll(/^orbweaver_\w+\{(.*)\} /gm)]);
    const labels = samples.flatMap(([, pairs = '']) => [...pairs.matchAll(/(\w+)="([^"]*)"/g)]);
    const unbounded = new Set(['name', 'task', 'host', 'url', 'reason']);
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.filter(([, label = '']) => unbounded.has(label))).toEqual([]);
    expect(labels.filter(([, , value]) => value === TASK)).toEqual([]);
  });

  it('the alerts say what is the matter and where to look', async () => {
    const { groups } = parse(await readFile('deploy/observability/alerts.yaml', 'utf8')) as Rules;
    for (const { alert, annotations } of groups.flatMap(({ rules }) => rules)) {
      expect(alert).toMatch(/^Orbweaver[A-Z]/);
      expect(annotations.summary).not.toBe('');
      expect(annotations.description.length).toBeGreaterThan(20);
    }
  });
});

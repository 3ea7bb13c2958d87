import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Cluster } from '../cluster/cluster.js';
import { WorkerProcess } from '../cluster/worker-process.js';

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
  let metrics: Set<string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-observability-'));
    cluster = await Cluster.start();
    const master = await cluster.master('1');
    worker = await WorkerProcess.start('1', `--etcd=${cluster.etcd.endpoint}`, `--data-dir=${directory}`);
    const texts = await Promise.all(
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

  it('the alerts say what is the matter and where to look', async () => {
    const { groups } = parse(await readFile('deploy/observability/alerts.yaml', 'utf8')) as Rules;
    for (const { alert, annotations } of groups.flatMap(({ rules }) => rules)) {
      expect(alert).toMatch(/^Orbweaver[A-Z]/);
      expect(annotations.summary).not.toBe('');
      expect(annotations.description.length).toBeGreaterThan(20);
    }
  });
});

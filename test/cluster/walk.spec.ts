import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeResource } from '@app/resources';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;

/** The walk that the original's README shows: three masters, three workers, a task each way. */
describe('the walk of the original', () => {
  let cluster: Cluster;
  let directory: string;
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-walk-'));
    cluster = await Cluster.start();
    for (const id of ['1', '2', '4']) {
      await cluster.master(id);
      await cluster.leader();
    }
    const flags = [`--etcd=${cluster.etcd.endpoint}`, `--data-dir=${directory}`];
    const ttl = ['--register-ttl=5s', '--register-interval=1s'];
    workers.push(
      ...(await Promise.all(['1', '2', '3'].map((id) => WorkerProcess.start(id, ...flags, ...ttl)))),
    );
    await Promise.all(cluster.masters.map((master) => cluster.workersKnown(master, 3)));
  }, LONG_MS);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }, LONG_MS);

  const post = (master: MasterProcess, name: string) =>
    master.rest('POST', '/crawler/resource', { id: 'zjx', name });
  const worker = (id: unknown) => workers.find(({ nodeId }) => nodeId === id)!;
  const received = (master: MasterProcess, name: string) =>
    master.process.lines.filter(
      (line) =>
        line.includes(
          '"msg":"receive request","method":"CrawlerMaster.AddResource","Service":"go.micro.server.master"',
        ) && line.includes(`"request param:":{"id":"zjx","name":"${name}"}`),
    ).length;

  it('has one leader, whom all masters know', async () => {
    const leader = await cluster.leader();
    expect(leader).toBe(cluster.masters[0]);
    await until(() => leader.logged('master start change to leader').length === 1, { what: 'it says so' });
    const known = `"msg":"watch leader change","leader:":"master1-${leader.grpcAddress}"`;
    for (const { process } of cluster.masters) await process.waitForLine((line) => line.includes(known));
    const keys = await cluster.client.range({ prefix: '/resources/election/' });
    expect(keys.entries).toHaveLength(3);
    for (const { key, leaseId } of keys.entries) {
      expect(key).toBe(`/resources/election/${leaseId.toString(16)}`);
    }
  });

  it('registers every node as go-micro does, and tells of the workers that come', async () => {
    for (const [service, count] of [
      ['go.micro.server.master', 3],
      ['go.micro.server.worker', 3],
    ] as const) {
      const { entries } = await cluster.client.range({ prefix: `/micro/registry/${service}/` });
      expect(entries).toHaveLength(count);
      for (const { key, value } of entries) {
        const record = JSON.parse(value) as { nodes: { id: string }[]; endpoints: { name: string }[] };
        expect(record).toMatchObject({ name: service, version: 'latest', metadata: null });
        expect(key).toBe(`/micro/registry/${service}/${record.nodes[0]?.id}`);
        expect(record.endpoints.map(({ name }) => name)).toContain('Greeter.Hello');
      }
    }
    const { process } = cluster.masters[0]!;
    const created = `"msg":"watch worker change","worker:":{"Action":"create","Service":{"name":"go.micro.server.worker"`;
    await process.waitForLine((line) => line.includes(created));
    await process.waitForLine(
      /"msg":"worker joined: \[go\.micro\.server\.worker-\d\], leaved: \[\], changed: \[\]"/,
    );
  });

  it('adds at the leader', async () => {
    const [leader] = cluster.masters;
    const { status, body } = await post(leader!, 'task-test-4');
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^go\.micro\.server\.worker-[123]$/),
      Address: worker(body['id']).address,
    });
    const stored = await cluster.client.get('/resources/task-test-4');
    expect(stored?.value).toMatch(
      /^\{"ID":"\d+","Name":"task-test-4","AssignedNode":"go\.micro\.server\.worker-[123]\|127\.0\.0\.1:\d+","CreationTime":\d{19}\}$/,
    );
    const { specs } = await until(() => leader!.logged('add resource').at(-1), {
      what: 'the leader tells of it',
    });
    const record = decodeResource(stored!.value)!;
    expect(specs).toMatchObject({
      ID: record.id,
      Name: 'task-test-4',
      AssignedNode: `${String(body['id'])}|${String(body['Address'])}`,
    });
    await until(() => worker(body['id']).logged('receive create resource').length === 1, {
      what: 'its worker hears of it',
    });
    expect(workers.flatMap((one) => one.logged('receive create resource'))).toHaveLength(1);
  });

  it('adds at a follower, which passes it on once', async () => {
    const [leader, follower, other] = cluster.masters;
    const { status, body } = await post(follower!, 'task-forward');
    expect([status, body['Address']]).toEqual([200, worker(body['id']).address]);
    const counts = () => [leader!, follower!, other!].map((master) => received(master, 'task-forward'));
    await until(() => counts().join() === '1,1,0', { what: 'both have logged it, and nobody else' });
    const added = () => leader!.logged('add resource').map(({ specs }) => (specs as { Name: string }).Name);
    await until(() => added().includes('task-forward'), { what: 'the leader tells of it' });
    expect(follower!.logged('add resource')).toEqual([]);
  });

  it('deletes at another follower, and the worker lets go of it', async () => {
    const { body } = await cluster.masters[0]!.rest(
      'GET',
      '/crawler/resource/task-forward?consistency=strong',
    );
    const holder = worker(body['nodeId']);
    const answer = await cluster.masters[2]!.rest('DELETE', '/crawler/resource', {
      id: '2',
      name: 'task-forward',
    });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(await cluster.client.get('/resources/task-forward')).toBeUndefined();
    await until(() => holder.logged('receive delete resource').length > 0, {
      what: 'its worker hears of it',
    });
    expect(await cluster.disagreements()).toEqual([]);
  });

  it(
    'moves 1,000 resources off a worker that is killed, each to one that lives',
    async () => {
      const resources = Array.from({ length: 1_000 }, (_, i) => ({ name: `many-${i}` }));
      for (let i = 0; i < 3; i++) {
        const batch = resources.map(({ name }) => ({ name: `${name}-${i}` }));
        expect(
          (await cluster.masters[1]!.rest('POST', '/crawler/resources', { resources: batch })).status,
        ).toBe(200);
      }
      const killed = workers[1]!;
      const before = await cluster.resources();
      const on = (id: string, { records }: typeof before) =>
        [...records.values()].filter(({ assignedNode }) => assignedNode?.id === id).length;
      expect(on(killed.nodeId, before)).toBeGreaterThanOrEqual(1_000);
      await killed.kill();
      await until(async () => on(killed.nodeId, await cluster.resources()) === 0, {
        what: 'they have moved',
      });
      const after = await cluster.resources();
      expect([...after.records.keys()].sort()).toEqual([...before.records.keys()].sort());
      expect(await cluster.disagreements()).toEqual([]);
      // No worker was told of a resource that another still holds.
      const moved = [...before.records.values()].filter(
        ({ assignedNode }) => assignedNode?.id === killed.nodeId,
      );
      for (const { name } of moved) {
        expect(after.assignments.filter(({ key }) => key.endsWith(`/${name}`))).toHaveLength(1);
      }
    },
    LONG_MS,
  );
});

import { encodeResource, keys } from '@app/resources';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';

const LONG_MS = 180_000;

describe('the leader and its workers', () => {
  let cluster: Cluster;
  let leader: MasterProcess;

  beforeEach(async () => {
    cluster = await Cluster.start();
  });
  afterEach(() => cluster.stop());

  async function start(workers: string[], ...flags: string[]): Promise<string[]> {
    const ids = await Promise.all(workers.map((id) => cluster.registerWorker(id)));
    leader = await cluster.master('1', ...flags);
    await cluster.leader([leader]);
    await cluster.workersKnown(leader, workers.length);
    return ids;
  }

  async function addMany(count: number): Promise<void> {
    for (let from = 0; from < count; from += 500) {
      const resources = Array.from({ length: Math.min(500, count - from) }, (_, i) => ({
        name: `task-${String(from + i).padStart(5, '0')}`,
      }));
      const { status, body } = await leader.rest('POST', '/crawler/resources', { resources });
      expect(status).toBe(200);
      expect((body['results'] as { code: number }[]).every(({ code }) => code === 0)).toBe(true);
    }
  }

  async function loads(): Promise<Record<string, number>> {
    const { records } = await cluster.resources();
    const counts: Record<string, number> = {};
    for (const { assignedNode } of records.values()) {
      const id = assignedNode?.id ?? '';
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  }

  /** Until a reading of etcd satisfies, and nothing contradicts itself. */
  async function settled(what: string, fits: (counts: Record<string, number>) => boolean): Promise<void> {
    await until(async () => fits(await loads()) && (await cluster.disagreements()).length === 0, {
      what,
    });
  }

  it(
    'moves the resources of a worker that is gone, each once, and spreads them evenly',
    async () => {
      const [first, second, third] = await start(['1', '2', '3']);
      await addMany(3_000);
      expect(await loads()).toEqual({ [first!]: 1_000, [second!]: 1_000, [third!]: 1_000 });
      const before = await cluster.resources();
      await cluster.unregisterWorker('2');
      await settled('its resources have moved', (counts) => counts[second!] === undefined);
      expect(await loads()).toEqual({ [first!]: 1_500, [third!]: 1_500 });
      const after = await cluster.resources();
      for (const [name, record] of after.records) {
        expect({ ...record, assignedNode: undefined }).toEqual({
          ...before.records.get(name),
          assignedNode: undefined,
        });
      }
      // What was on the others was not touched, what moved was written once.
      for (const { key, version } of after.assignments) {
        expect([key, version]).toEqual([key, 1n]);
      }
    },
    LONG_MS,
  );

  it(
    'leaves a worker its resources when it returns within the grace',
    async () => {
      const [first] = await start(['1', '2'], '--worker-grace=60s');
      await addMany(100);
      const before = await cluster.resources();
      await cluster.unregisterWorker('1');
      await cluster.workersKnown(leader, 1);
      await cluster.registerWorker('1');
      await cluster.workersKnown(leader, 2);
      await leader.add('one-more');
      const after = await cluster.resources();
      after.records.delete('one-more');
      expect(after.records).toEqual(before.records);
      expect((await loads())[first!]).toBeGreaterThanOrEqual(50);
    },
    LONG_MS,
  );

  it(
    'gives a worker that joins its share in bounded steps, and moves no more than that',
    async () => {
      await start(['1'], '--rebalance-moves=20', '--rebalance-interval=100ms');
      await addMany(300);
      const from = performance.now();
      const second = await cluster.registerWorker('2');
      await settled('both have half', (counts) => counts[second] === 150);
      // 8 steps of 20, the first at once.
      expect(performance.now() - from).toBeGreaterThan(600);
      const { assignments } = await cluster.resources();
      expect(assignments.filter(({ version }) => version > 1n)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'drains a worker: it gets nothing new and hands over what it has, until it is undrained',
    async () => {
      const [first, second] = await start(['1', '2'], '--rebalance-interval=10ms');
      await addMany(100);
      const drained = await leader.rest('POST', `/crawler/node/${first}/drain`);
      expect(drained).toMatchObject({ status: 200, body: { id: first, draining: true } });
      await settled('it is empty', (counts) => counts[first!] === undefined);
      expect(await leader.add('new')).toMatchObject({ id: second });
      await until(
        async () => {
          expect((await leader.rest('GET', '/crawler/node')).body['nodes']).toMatchObject([
            { id: first, load: 0, draining: true },
            { id: second, load: 101, draining: false },
          ]);
          return true;
        },
        { what: 'the nodes are told so' },
      );
      // Once more changes nothing.
      expect((await leader.rest('POST', `/crawler/node/${first}/drain`)).status).toBe(200);

      const undrained = await leader.rest('DELETE', `/crawler/node/${first}/drain`);
      expect(undrained).toMatchObject({ status: 200, body: { id: first, draining: false } });
      await settled('it has its share', (counts) => (counts[first!] ?? 0) >= 50);
      expect(await cluster.client.count(keys.drains)).toBe(0);
    },
    LONG_MS,
  );

  it(
    'keeps a drain over a change of the leader',
    async () => {
      const [first] = await start(['1', '2']);
      await leader.rest('POST', `/crawler/node/${first}/drain`);
      const next = await cluster.master('2');
      await leader.stop();
      await next.process.waitForLine(/"msg":"leading"/);
      for (let i = 0; i < 10; i++) expect((await next.add(`task-${i}`)).id).not.toBe(first);
    },
    LONG_MS,
  );

  it(
    'keeps resources of a worker that is gone while there is no other, and moves them when one comes',
    async () => {
      const [first] = await start(['1'], '--worker-grace=0ms');
      await addMany(50);
      await cluster.unregisterWorker('1');
      await cluster.workersKnown(leader, 0);
      await expect(leader.add('nobody')).rejects.toMatchObject({ code: 14, details: 'no worker nodes' });
      expect(await loads()).toEqual({ [first!]: 50 });
      const pending = await leader.rest('POST', '/crawler/resource?pending=true', { name: 'waits' });
      expect(pending).toMatchObject({ status: 200, body: { id: '', Address: '' } });

      const second = await cluster.registerWorker('2');
      await settled('the new one has all', (counts) => counts[second] === 51);
    },
    LONG_MS,
  );

  it(
    'follows a worker to another address',
    async () => {
      const [first] = await start(['1']);
      await addMany(20);
      await cluster.registerWorker('1', '127.0.0.1:7777');
      await until(
        async () => {
          const { records } = await cluster.resources();
          return [...records.values()].every(
            ({ assignedNode }) => assignedNode?.address === '127.0.0.1:7777',
          );
        },
        { what: 'every record has the new address' },
      );
      expect(await loads()).toEqual({ [first!]: 20 });
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'takes what a foreign program writes, and brings the rest in line with it',
    async () => {
      const [first, second] = await start(['1', '2']);
      await addMany(4);
      const { records } = await cluster.resources();
      const [a, b] = [...records.values()].filter(({ assignedNode }) => assignedNode?.id === first);

      // It gives one to another worker, deletes one, adds one without a worker and one on a worker.
      const moved = { ...a!, assignedNode: { id: second!, address: '127.0.0.1:10002' } };
      await cluster.client.put(keys.resource(a!.name), encodeResource(moved));
      await cluster.client.delete(keys.resource(b!.name));
      const foreign = { id: '7', name: 'foreign', assignedNode: undefined, creationTime: 1n };
      await cluster.client.put(keys.resource('foreign'), encodeResource(foreign));
      const placed = { ...moved, id: '8', name: 'placed' };
      await cluster.client.put(keys.resource('placed'), encodeResource(placed));

      await until(
        async () =>
          (await cluster.resources()).records.get('foreign')?.assignedNode !== undefined &&
          (await cluster.disagreements()).length === 0,
        { what: 'all keys agree' },
      );
      const after = await cluster.resources();
      expect(after.records.get(a!.name)?.assignedNode?.id).toBe(second);
      expect(after.records.has(b!.name)).toBe(false);
      expect(after.assignments).toHaveLength(5);
      expect((await leader.rest('DELETE', '/crawler/resource', { name: b!.name })).status).toBe(404);
    },
    LONG_MS,
  );

  it(
    'passes over what is not JSON in the registry and among the resources',
    async () => {
      const [first] = await start(['1']);
      await cluster.client.put('/micro/registry/go.micro.server.worker/broken', '{not json');
      await cluster.client.put('/resources/broken', 'not json either');
      await cluster.client.put(keys.drain('nobody'), '');
      await addMany(3);
      expect(await loads()).toEqual({ [first!]: 3 });
      const next = await cluster.master('2');
      await leader.stop();
      await next.process.waitForLine(/"msg":"leading"/);
      expect((await next.rest('GET', '/crawler/resource')).body).toMatchObject({ total: 3 });
      expect((await next.rest('GET', '/crawler/resource/broken')).status).toBe(404);
    },
    LONG_MS,
  );
});

import { etcdOnPath } from '../support/etcd.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { SHORT_TERM } from './master-process.js';
import { WriteStream } from './write-stream.js';

const LONG_MS = 180_000;

describe('a cluster of masters', () => {
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await Cluster.start();
    await cluster.registerWorker('1');
    await cluster.registerWorker('2');
  });
  afterEach(() => cluster.stop());

  it(
    'loses no acknowledged write and repeats no ID when the leader is killed',
    async () => {
      const masters = await Promise.all(['1', '2', '4'].map((id) => cluster.master(id, SHORT_TERM)));
      const leader = await cluster.leader();
      await cluster.workersKnown(leader, 2);
      const others = masters.filter((master) => master !== leader);
      const stream = new WriteStream(others);
      await until(() => stream.acknowledged.size > 200, { what: 'writes flow' });
      await leader.kill();
      const before = stream.acknowledged.size;
      await until(() => stream.acknowledged.size > before + 200, {
        what: 'writes flow again',
      });
      await stream.end();

      const { records } = await cluster.resources();
      expect([...stream.acknowledged].filter((name) => !records.has(name))).toEqual([]);
      expect(stream.failed).toEqual([]);
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'hands over at once when the leader is asked to stop',
    async () => {
      const masters = await Promise.all(['1', '2'].map((id) => cluster.master(id, '--election-ttl=120s')));
      const leader = await cluster.leader();
      await cluster.workersKnown(leader, 2);
      const [other] = masters.filter((master) => master !== leader);
      const stream = new WriteStream([other!]);
      await until(() => stream.acknowledged.size > 100, { what: 'writes flow' });
      const stopping = leader.stop();
      const before = stream.acknowledged.size;
      // In less than the lease takes to end: it was resigned, not waited for.
      await until(() => stream.acknowledged.size > before + 100, { what: 'writes flow again' });
      await stopping;
      await stream.end();

      const { records } = await cluster.resources();
      expect([...stream.acknowledged].filter((name) => !records.has(name))).toEqual([]);
      expect(stream.failed).toEqual([]);
      expect(await cluster.disagreements()).toEqual([]);
      const left = await cluster.client.range({ prefix: '/micro/registry/go.micro.server.master/' });
      expect(left.entries).toHaveLength(1);
      expect((await leader.process.exited).code).toBe(0);
    },
    LONG_MS,
  );

  it(
    'has etcd refuse what a paused leader still had on its way',
    async () => {
      const proxy = await cluster.proxy();
      const first = await cluster.masterAt(proxy.endpoint, '1', SHORT_TERM);
      await cluster.leader([first]);
      await cluster.workersKnown(first, 2);
      const second = await cluster.master('2', SHORT_TERM);
      await second.process.waitForLine(/watch leader change/);

      // What the leader writes from here on stands in the network while another is elected.
      proxy.stall();
      const late = Array.from({ length: 50 }, (_, i) =>
        first.add(`late-${i}`).catch((error: unknown) => error),
      );
      await until(() => first.logged('receive request').length >= 50, { what: 'the leader has them' });
      first.process.signal('SIGSTOP');
      await second.process.waitForLine(/master start change to leader/);
      await second.add('late-0');
      const { records: before } = await cluster.resources();
      expect([...before.keys()]).toEqual(['late-0']);
      first.process.signal('SIGCONT');
      proxy.heal();

      await Promise.all(late);
      await first.process.waitForLine(/master no longer leads/);
      // Those that were given an answer in the end got it from the new leader.
      const { records: after } = await cluster.resources();
      const answers = await Promise.all(late);
      for (const [i, answer] of answers.entries()) {
        if (answer instanceof Error) continue;
        expect(after.get(`late-${i}`)?.assignedNode?.id).toBe((answer as { id: string }).id);
      }
      expect(after.get('late-0')).toEqual(before.get('late-0'));
      const written = () =>
        second.logged('add resource').map(({ specs }) => (specs as { Name: string }).Name);
      await until(() => [...new Set(written())].sort().join() === [...after.keys()].sort().join(), {
        what: 'all there is was written by the second',
      });
      expect(first.logged('add resource')).toEqual([]);
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'has a leader that was paused beyond its TTL follow the next one, and lead again later',
    async () => {
      const first = await cluster.master('1', SHORT_TERM);
      await cluster.leader([first]);
      await cluster.workersKnown(first, 2);
      const second = await cluster.master('2', SHORT_TERM);
      first.process.signal('SIGSTOP');
      await second.process.waitForLine(/master start change to leader/);
      first.process.signal('SIGCONT');
      await first.process.waitForLine(/master no longer leads/);
      await cluster.leader();
      await expect(first.add('by-the-follower')).resolves.toMatchObject({ id: expect.any(String) });
      await until(() => second.logged('add resource').length === 1, { what: 'the second has written it' });

      const terms = () => first.logged('master start change to leader').length;
      const before = terms();
      await second.stop();
      await until(() => terms() > before, { what: 'the first leads again' });
      await expect(first.add('by-itself')).resolves.toMatchObject({ id: expect.any(String) });
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  (etcdOnPath ? it : it.skip)(
    'waits while another program leads, says so, and leads when that is over',
    async () => {
      const first = await cluster.master('1', '--leader-wait=300ms');
      await cluster.leader([first]);
      await cluster.workersKnown(first, 2);
      const elect = await cluster.etcd.startEtcdctl('elect', '/resources/election', 'some-other-program');
      await until(async () => (await cluster.client.count('/resources/election/')) === 2, {
        what: 'etcdctl is a candidate',
      });
      const second = await cluster.master('2', '--leader-wait=300ms');
      await first.stop();
      await second.process.waitForLine(/"leader:":"some-other-program"/);
      await expect(second.add('nobody-leads')).rejects.toMatchObject({
        code: 14,
        details: expect.stringContaining('some-other-program'),
      });
      await elect.stop();
      await second.process.waitForLine(/master start change to leader/, { timeoutMs: 70_000 });
      const added = await until(() => second.add('now').catch(() => undefined), { what: 'it takes a write' });
      expect(added).toMatchObject({ id: expect.any(String) });
    },
    LONG_MS,
  );
});

import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { MasterProcess, SHORT_TERM } from './master-process.js';

const LONG_MS = 180_000;

describe('masters without etcd', () => {
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await Cluster.start();
    await cluster.registerWorker('1');
  });
  afterEach(() => cluster.stop());

  const ready = (master: MasterProcess) => master.rest('GET', '/readyz');

  it(
    'a follower that loses etcd answers reads from what it knows, passes writes on, and comes back',
    async () => {
      const leader = await cluster.master('1');
      await cluster.leader([leader]);
      await cluster.workersKnown(leader, 1);
      const proxy = await cluster.proxy();
      const follower = await cluster.masterAt(
        proxy.endpoint,
        '2',
        '--register-ttl=3s',
        '--register-interval=500ms',
      );
      await cluster.leader();
      await leader.add('before');
      await until(async () => (await follower.rest('GET', '/crawler/resource/before')).status === 200, {
        what: 'the follower knows it',
      });

      proxy.cut();
      await until(
        async () => {
          const { status, body } = await ready(follower);
          return status === 503 && !(body['conditions'] as { view: { ok: boolean } }).view.ok;
        },
        { what: 'it is not ready, and says that its view is old' },
      );
      expect((await follower.rest('GET', '/crawler/resource')).body).toMatchObject({ total: 1 });
      expect((await follower.rest('GET', '/crawler/resource/before')).body).toMatchObject({ name: 'before' });
      expect((await follower.rest('POST', '/crawler/resource', { name: 'meanwhile' })).status).toBe(200);

      proxy.heal();
      await until(async () => (await ready(follower)).status === 200, { what: 'it is ready' });
      await until(async () => (await follower.rest('GET', '/crawler/resource/meanwhile')).status === 200, {
        what: 'it has caught up',
      });
    },
    LONG_MS,
  );

  it(
    'all go on when etcd was away for longer than every lease',
    async () => {
      const flags = [SHORT_TERM, '--register-ttl=3s', '--register-interval=500ms', '--leader-wait=500ms'];
      const masters = await Promise.all(['1', '2'].map((id) => cluster.master(id, ...flags)));
      const leader = await cluster.leader();
      await cluster.workersKnown(leader, 1);
      for (let i = 0; i < 20; i++) await leader.add(`before-${i}`);

      cluster.etcd.pause();
      await leader.process.waitForLine(/master no longer leads/);
      const refused = await leader.rest('POST', '/crawler/resource', { name: 'meanwhile' });
      expect([refused.status, refused.body.code]).toEqual([503, 14]);
      await until(async () => (await Promise.all(masters.map(ready))).every(({ status }) => status === 503), {
        what: 'no master is ready',
      });

      cluster.etcd.resume();
      await until(async () => (await Promise.all(masters.map(ready))).every(({ status }) => status === 200), {
        what: 'all are ready',
      });
      await until(() => masters[0]!.add('after').then(Boolean, () => false), {
        what: 'a write',
      });
      for (const master of masters) expect(master.process.exit()).toBeUndefined();
      expect((await cluster.resources()).records.size).toBeGreaterThanOrEqual(21);
      expect(await cluster.disagreements()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'a master that starts before etcd waits for it, says why it is not ready, and begins when it is there',
    async () => {
      const proxy = await cluster.proxy();
      proxy.cut();
      const master = await MasterProcess.start('1', proxy.endpoint);
      cluster.masters.push(master);
      await master.process.waitForLine(/"msg":"not registered"/);
      expect(await ready(master)).toMatchObject({
        status: 503,
        body: {
          conditions: {
            registration: { ok: false, reason: expect.stringContaining('not registered') },
            view: { ok: false },
          },
        },
      });
      expect(await master.rest('GET', '/crawler/resource')).toMatchObject({ status: 503 });
      proxy.heal();
      await master.ready();
      expect((await ready(master)).status).toBe(200);
      await cluster.leader([master]);
    },
    LONG_MS,
  );

  it(
    'two masters that each take the other for the leader pass a call on once',
    async () => {
      const other = await Cluster.start();
      try {
        // Each has an etcd of its own, in which the leader's key, older than all, names the other master.
        const lead = (where: Cluster, value: string) => where.client.put('/resources/election/1', value);
        await lead(cluster, 'master9-127.0.0.1:1');
        await lead(other, 'master9-127.0.0.1:1');
        const a = await cluster.master('1', '--leader-wait=500ms');
        const b = await other.master('2', '--leader-wait=500ms');
        await lead(cluster, `master2-${b.grpcAddress}`);
        await lead(other, `master1-${a.grpcAddress}`);
        await until(
          async () =>
            (await a.leaderAddress()) === b.grpcAddress && (await b.leaderAddress()) === a.grpcAddress,
          { what: 'each takes the other for the leader' },
        );

        await expect(a.add('ping')).rejects.toMatchObject({ code: 14 });
        const received = (master: MasterProcess) =>
          master.logged('receive request').filter(({ method }) => method === 'CrawlerMaster.AddResource')
            .length;
        await until(() => received(a) === 1 && received(b) === 1, { what: 'each has received it once' });
      } finally {
        await other.stop();
      }
    },
    LONG_MS,
  );
});

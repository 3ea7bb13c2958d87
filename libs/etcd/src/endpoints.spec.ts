import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { startProxy, type Proxy } from '../../../test/support/proxy.js';
import { until } from '../../../test/support/until.js';
import { EtcdClient, Session } from './index.js';

// Two ways to one etcd stand for two members of a cluster: what is looked at is which way the client takes.
describeWithEtcd('a client with several endpoints', () => {
  let etcd: EtcdServer;
  let ways: [Proxy, Proxy];
  let client: EtcdClient;
  beforeEach(async () => {
    etcd = await startEtcd();
    ways = await Promise.all([startProxy(etcd.endpoint), startProxy(etcd.endpoint)]);
    client = new EtcdClient({ endpoints: ways.map(({ endpoint }) => endpoint), requestTimeoutMs: 3_000 });
  });
  afterEach(async () => {
    client.close();
    await Promise.all(ways.map((way) => way.close()));
    await etcd.stop();
  });

  it.each(['cut', 'stall'] as const)(
    'keeps its session and its watch when one endpoint after the other fails (%s)',
    async (how) => {
      const session = await Session.open(client, { ttlMs: 20_000, keepAliveIntervalMs: 300 });
      const endsAt = () => performance.now() + session.remainingMs();
      const { revision } = await client.put('k', 'start', { leaseId: session.leaseId });
      const seen: string[] = [];
      const end = new AbortController();
      const watching = (async () => {
        const watch = client.watch({ key: 'k' }, { fromRevision: revision, signal: end.signal });
        for await (const { events } of watch) seen.push(...events.map(({ kv }) => kv.value));
      })();
      await until(() => seen.length === 1, { what: 'the watch works' });
      for (const way of ways) {
        way[how]();
        await until(() => client.put('k', way.endpoint, { leaseId: session.leaseId }).catch(() => false), {
          what: 'a write finds the way',
        });
        await until(() => seen.at(-1) === way.endpoint, {
          what: 'the watch finds the way',
        });
        const endBefore = endsAt();
        await until(() => endsAt() > endBefore + 1_500, { what: 'the keep-alives find the way' });
        expect(session.lost.reason).toBeUndefined();
        way.heal();
      }
      end.abort();
      await watching;
      await session.close();
    },
  );

  it('reads in time though one endpoint is silent', async () => {
    ways[0].stall();
    for (let n = 0; n < 10; n++) await client.get('k');
    expect(client.status().ok).toBe(true);
  });
});

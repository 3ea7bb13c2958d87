import { makeCertificates, type Certificates } from '../../../test/support/certificates.js';
import { describeWithEtcd, startRealEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { until } from '../../../test/support/until.js';
import { EtcdClient, Session } from './index.js';

describeWithEtcd('an etcd that asks who is there', () => {
  const clients: EtcdClient[] = [];
  const connect = (...options: ConstructorParameters<typeof EtcdClient>): EtcdClient => {
    const client = new EtcdClient(...options);
    clients.push(client);
    return client;
  };
  afterEach(() => clients.splice(0).forEach((client) => client.close()));

  describe('by user and password', () => {
    let etcd: EtcdServer;
    const root = ['--user', 'root:secret'];
    beforeAll(async () => {
      etcd = await startRealEtcd();
      await etcd.etcdctl('user', 'add', 'root:secret');
      await etcd.etcdctl('user', 'grant-role', 'root', 'root');
      await etcd.etcdctl('user', 'add', 'reader:secret');
      await etcd.etcdctl('role', 'add', 'reading');
      await etcd.etcdctl('role', 'grant-permission', 'reading', '--prefix', 'read', 'allowed/');
      await etcd.etcdctl('user', 'grant-role', 'reader', 'reading');
      await etcd.etcdctl('auth', 'enable');
    });
    afterAll(() => etcd.stop());
    const as = (username: string, password = 'secret'): EtcdClient =>
      connect({ endpoints: [etcd.endpoint], auth: { username, password } });

    it('lets in who has the right password, and nobody else', async () => {
      await as('root').put('allowed/a', '1');
      await expect(as('root', 'wrong').get('allowed/a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(connect({ endpoints: [etcd.endpoint] }).get('allowed/a')).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    });

    it('refuses what the user may not do, in reads, writes and watches', async () => {
      const reader = as('reader');
      expect(await reader.get('allowed/a')).toMatchObject({ value: '1' });
      await expect(reader.get('other')).rejects.toMatchObject({ code: 'PERMISSION_DENIED', retry: 'never' });
      await expect(reader.put('allowed/a', '2')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      const watch = reader.watch(
        { prefix: 'other/' },
        { fromRevision: 1n, signal: AbortSignal.timeout(60_000) },
      );
      await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    });

    it('goes on by itself when etcd has forgotten all tokens: calls, watches and sessions', async () => {
      const client = as('root');
      const session = await Session.open(client, { ttlMs: 60_000, keepAliveIntervalMs: 200 });
      const end = new AbortController();
      const seen: string[] = [];
      const { revision } = await client.put('allowed/a', 'before');
      const watching = (async () => {
        const watch = client.watch({ prefix: 'allowed/' }, { fromRevision: revision, signal: end.signal });
        for await (const { events } of watch) seen.push(...events.map(({ kv }) => kv.value));
      })();
      await until(() => seen.length === 1, { what: 'the watch works' });
      await etcd.restart();
      const endsAt = () => performance.now() + session.remainingMs();
      const endAtRestart = endsAt();
      await until(() => client.put('allowed/a', 'after').then(() => true), { what: 'a put works again' });
      await until(() => seen.at(-1) === 'after', { what: 'the watch goes on' });
      await until(() => endsAt() > endAtRestart + 1_000, { what: 'the session is renewed' });
      end.abort();
      await watching;
      await session.close();
      expect(await etcd.etcdctl(...root, 'get', '--print-value-only', 'allowed/a')).toBe('after\n');
    });
  });

  describe('by certificate', () => {
    let etcd: EtcdServer;
    let tls: Certificates;
    beforeAll(async () => {
      tls = await makeCertificates();
      etcd = await startRealEtcd({ tls });
    });
    afterAll(async () => {
      await etcd.stop();
      await tls.remove();
    });

    it('is spoken to over TLS, in calls and streams', async () => {
      const { caFile, certFile, keyFile } = tls;
      const client = connect({ endpoints: [etcd.endpoint], tls: { caFile, certFile, keyFile } });
      const session = await Session.open(client, { ttlMs: 60_000, keepAliveIntervalMs: 50 });
      const { revision } = await client.put('k', 'v', { leaseId: session.leaseId });
      for await (const { events } of client.watch(
        { key: 'k' },
        { fromRevision: revision, signal: session.lost },
      )) {
        expect(events[0]!.kv.value).toBe('v');
        break;
      }
      await session.close();
      expect(await client.get('k')).toBeUndefined();
    });

    it('does not answer who has no certificate', async () => {
      const client = connect({ endpoints: [etcd.endpoint], tls: { caFile: tls.caFile } });
      await expect(client.get('k')).rejects.toMatchObject({ code: 'ETCD_UNAVAILABLE' });
    });

    it('a certificate without its key is refused at once', () => {
      expect(() => connect({ endpoints: ['x:1'], tls: { certFile: tls.certFile } })).toThrow(
        /given together/,
      );
    });
  });
});

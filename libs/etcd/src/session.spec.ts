import { once } from 'node:events';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { startProxy, type Proxy } from '../../../test/support/proxy.js';
import { settled, until } from '../../../test/support/until.js';
import { EtcdClient, Session } from './index.js';

describeWithEtcd('a session, on a real etcd', () => {
  let etcd: EtcdServer;
  let proxy: Proxy;
  let client: EtcdClient;
  /** Sees etcd whatever becomes of the connection under test. */
  let witness: EtcdClient;
  const open: Session[] = [];
  beforeAll(async () => {
    etcd = await startEtcd();
    proxy = await startProxy(etcd.endpoint);
    client = new EtcdClient({ endpoints: [proxy.endpoint], requestTimeoutMs: 2_000 });
    witness = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterEach(async () => {
    proxy.heal();
    const probe = await until(() => Session.open(client, { ttlMs: 60_000 }), {
      what: 'etcd can be reached again',
    });
    await probe.close();
    await Promise.all(open.splice(0).map((session) => session.close().catch(() => {})));
  });
  afterAll(async () => {
    client.close();
    witness.close();
    await proxy.close();
    await etcd.stop();
  });

  const openSession = async (ttlMs: number, keepAliveIntervalMs?: number): Promise<Session> => {
    const session = await Session.open(client, { ttlMs, keepAliveIntervalMs });
    open.push(session);
    await client.put(keyOf(session), 'here', { leaseId: session.leaseId });
    return session;
  };
  const keyOf = (session: Session): string => `session/${session.leaseId.toString(16)}`;
  const isThere = async (session: Session): Promise<boolean> =>
    (await witness.get(keyOf(session))) !== undefined;
  const loss = (session: Session): Promise<unknown> =>
    settled<unknown>(session.lost.aborted ? Promise.resolve() : once(session.lost, 'abort'), {
      what: 'the loss',
    });

  it('lives on for longer than its TTL, as long as etcd is there', async () => {
    const session = await openSession(4_000, 200);
    const over = performance.now() + 5_000;
    await until(() => performance.now() > over, { what: '5 s are over' });
    expect(session.alive()).toBe(true);
    expect(session.remainingMs()).toBeGreaterThan(0);
    expect(await isThere(session)).toBe(true);
  });

  it.each(['stall', 'cut'] as const)(
    'is lost before etcd ends the lease, when the connection is lost (%s)',
    async (how) => {
      const session = await openSession(3_000, 200);
      proxy[how]();
      await until(async () => !(await isThere(session)), { what: 'etcd ends the lease' });
      expect(session.alive()).toBe(false);
      expect(session.remainingMs()).toBeLessThanOrEqual(0);
      expect(session.lost.reason).toMatchObject({ code: 'LEASE_LOST', cause: { code: 'ETCD_UNAVAILABLE' } });
    },
  );

  it('is lost by its own clock while etcd itself is paused', async () => {
    const session = await openSession(3_000);
    etcd.pause();
    try {
      await loss(session);
      expect(session.alive()).toBe(false);
    } finally {
      etcd.resume();
    }
  });

  it('is known to be over the moment a process goes on that was stopped, before any timer has run', async () => {
    let stoodStillMs = 0;
    const clock = { now: () => performance.now() + stoodStillMs };
    const session = await Session.open(client, { ttlMs: 60_000, clock });
    open.push(session);
    stoodStillMs = 60_000;
    expect(session.lost.aborted).toBe(false); // nobody had the time to say so
    expect(session.remainingMs()).toBeLessThan(0);
    expect(session.alive()).toBe(false);
    expect(session.lost.reason).toMatchObject({ code: 'LEASE_LOST' });
  });

  it('survives an outage that is shorter than its time', async () => {
    const session = await openSession(20_000, 200);
    proxy.cut();
    await expect(client.get('x')).rejects.toMatchObject({ code: 'ETCD_UNAVAILABLE' });
    const endsAt = () => performance.now() + session.remainingMs();
    const end = endsAt();
    const over = performance.now() + 1_000;
    await until(() => performance.now() > over, { what: 'the outage is long enough' });
    proxy.heal();
    await until(() => endsAt() > end + 1_000, { what: 'it is renewed' });
    expect(session.lost.aborted).toBe(false);
  });

  it('survives a quick restart of etcd', async () => {
    const session = await openSession(60_000, 200);
    const endsAt = () => performance.now() + session.remainingMs();
    await etcd.kill();
    const end = endsAt();
    await etcd.restart();
    await until(() => endsAt() > end + 100, { what: 'it is renewed' });
    expect(await isThere(session)).toBe(true);
  });

  it('is lost as soon as a keep-alive learns that the lease was revoked', async () => {
    const session = await openSession(60_000, 100);
    await etcd.etcdctl('lease', 'revoke', session.leaseId.toString(16));
    await loss(session);
    expect(session.lost.reason).toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('etcd has ended it'),
    });
  });

  it('when closed is lost first, and its keys go at once', async () => {
    const session = await openSession(60_000);
    const closing = session.close();
    expect(session.lost.aborted).toBe(true);
    await closing;
    expect(await isThere(session)).toBe(false);
    await session.close(); // and again, in peace
  });

  it('is not opened with a TTL or an interval that cannot work', async () => {
    await expect(Session.open(client, { ttlMs: 999 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(Session.open(client, { ttlMs: 1_000, keepAliveIntervalMs: 950 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('is not opened once its signal has fired', async () => {
    await expect(Session.open(client, { ttlMs: 1_000, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('a put with the lease of a lost session is refused as such', async () => {
    const session = await openSession(60_000);
    await session.close();
    await expect(client.put('late', '', { leaseId: session.leaseId })).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
  });
});

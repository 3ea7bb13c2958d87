import { EtcdClient } from '@app/etcd';
import type { cluster } from '@app/proto';
import { describeWithEtcd, startRealEtcd, type EtcdServer } from '../../../../test/support/etcd.js';
import { until } from '../../../../test/support/until.js';
import { EtcdHealth } from './etcd-health.js';

describeWithEtcd('the health of etcd, as a master finds it', () => {
  let etcd: EtcdServer;
  let end: AbortController;
  const clients: EtcdClient[] = [];

  beforeEach(() => {
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    clients.splice(0).forEach((client) => client.close());
    await etcd.stop();
  });

  function look(auth?: { username: string; password: string }): EtcdHealth {
    const client = new EtcdClient({ endpoints: [etcd.endpoint], ...(auth && { auth }) });
    clients.push(client);
    const health = new EtcdHealth(client, () => undefined);
    void health.run(end.signal);
    return health;
  }
  const become = (health: EtcdHealth, reason: RegExp): Promise<cluster.EtcdHealth> =>
    until(() => reason.test(health.present.value.reason) && health.present.value, {
      what: `it is told that ${String(reason)}`,
      timeoutMs: 20_000,
    });

  it('is good while it can be read and written, bad while it is away, and good again', async () => {
    etcd = await startRealEtcd();
    const health = look();
    expect(await become(health, /^$/)).toMatchObject({
      ok: true,
      members: [{ endpoint: etcd.endpoint, leader: true, error: '' }],
    });
    await etcd.kill();
    const away = await become(health, /^etcd cannot be read: /);
    expect(away).toMatchObject({ ok: false, members: [{ endpoint: etcd.endpoint, leader: false }] });
    expect(away.members[0]!.error).not.toBe('');
    await etcd.restart();
    await become(health, /^$/);
  }, 60_000);

  it('says what the user of the masters may not do', async () => {
    etcd = await startRealEtcd();
    await etcd.etcdctl('user', 'add', 'root:secret');
    await etcd.etcdctl('user', 'grant-role', 'root', 'root');
    await etcd.etcdctl('user', 'add', 'reader:secret');
    await etcd.etcdctl('role', 'add', 'reading');
    await etcd.etcdctl('role', 'grant-permission', 'reading', '--prefix', 'read', '/orbweaver/');
    await etcd.etcdctl('user', 'grant-role', 'reader', 'reading');
    await etcd.etcdctl('user', 'add', 'nobody:secret');
    await etcd.etcdctl('auth', 'enable');
    await become(
      look({ username: 'reader', password: 'secret' }),
      /^etcd can be read, but not written: .*permission/,
    );
    await become(look({ username: 'nobody', password: 'secret' }), /^etcd cannot be read: .*permission/);
    expect((await become(look({ username: 'root', password: 'secret' }), /^$/)).ok).toBe(true);
  }, 60_000);

  it('is bad when its database is full, though a write that adds nothing is still taken', async () => {
    etcd = await startRealEtcd({ args: ['--quota-backend-bytes=2000000'] });
    const health = look();
    await become(health, /^$/);
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 100; n++) await clients[0]!.put(`fill/${n}`, 'x'.repeat(200_000));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(await become(health, /database of etcd is full/)).toMatchObject({
      ok: false,
      alarms: ['NOSPACE'],
    });
  }, 60_000);
});

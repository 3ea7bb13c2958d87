import { EtcdClient } from '@app/etcd';
import { describeWithEtcd, startRealEtcd, type EtcdServer } from '../../../../test/support/etcd.js';
import { until } from '../../../../test/support/until.js';
import { EtcdHealth } from './etcd-health.js';

const GOOD = { ok: true, reason: '' };

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
  /** Whether it can be used and who its members are is asked side by side: one may be known before the other. */
  const become = (health: EtcdHealth, expected: object): Promise<boolean> =>
    until(
      () => {
        expect(health.present.value).toMatchObject(expected);
        return true;
      },
      { what: 'it is told so', timeoutMs: 60_000 },
    );
  const because = (reason: RegExp): object => ({ ok: false, reason: expect.stringMatching(reason) });

  it('is good while it can be read and written, bad while it is away, and good again', async () => {
    etcd = await startRealEtcd();
    const health = look();
    const { endpoint } = etcd;
    await become(health, { ok: true, reason: '', members: [{ endpoint, leader: true, error: '' }] });
    await etcd.kill();
    await become(health, {
      ...because(/^etcd cannot be read: /),
      members: [{ endpoint, leader: false, error: expect.stringMatching(/./) }],
    });
    await etcd.restart();
    await become(health, GOOD);
  });

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
      because(/^etcd can be read, but not written: .*permission/),
    );
    await become(
      look({ username: 'nobody', password: 'secret' }),
      because(/^etcd cannot be read: .*permission/),
    );
    expect(await become(look({ username: 'root', password: 'secret' }), GOOD)).toBe(true);
  });

  it('is bad when its database is full, though a write that adds nothing is still taken', async () => {
    etcd = await startRealEtcd({ args: ['--quota-backend-bytes=2000000'] });
    const health = look();
    await become(health, GOOD);
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 100; n++)
        await clients[0]!.put(`fill/${n}`, 'x'.repeat(200_000), { timeoutMs: 60_000 });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await become(health, { ...because(/database of etcd is full/), alarms: ['NOSPACE'] });
  });
});

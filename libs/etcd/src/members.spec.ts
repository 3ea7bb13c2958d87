import { OrbweaverError } from '@app/errors';
import { describeWithEtcd, startRealEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { allServers, type ServerUnderTest } from '../../../test/support/etcd-servers.js';
import { until } from '../../../test/support/until.js';
import { EtcdClient, Session } from './index.js';

describe.each(allServers)('what %s says of itself', (_, start) => {
  let server: ServerUnderTest;
  let client: EtcdClient;
  beforeAll(async () => {
    server = await start();
    client = new EtcdClient({ endpoints: [server.endpoint] });
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  it('is its version, its size, and that it leads', async () => {
    const [member] = await client.members();
    expect(member).toMatchObject({
      endpoint: server.endpoint,
      answer: { version: expect.stringMatching(/^3\.\d+\.\d+/), leads: true, alarms: [] },
    });
    expect(member!.tookMs).toBeGreaterThan(0);
    expect(member!.answer).not.toBeInstanceOf(OrbweaverError);
  });

  it('is told by each endpoint for itself, also of one that does not answer', async () => {
    const nobody = '127.0.0.1:1';
    const both = new EtcdClient({ endpoints: [server.endpoint, nobody] });
    try {
      expect(await both.members()).toMatchObject([
        { endpoint: server.endpoint, answer: { leads: true } },
        { endpoint: nobody, answer: { code: 'ETCD_UNAVAILABLE' } },
      ]);
    } finally {
      both.close();
    }
  });

  it('of a lease is what is left of it, and nothing once it is gone', async () => {
    const session = await Session.open(client, { ttlMs: 600_000 });
    const left = await client.timeToLive(session.leaseId);
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(600);
    await session.close();
    expect(await client.timeToLive(session.leaseId)).toBeUndefined();
  });
});

describeWithEtcd('an etcd whose database is full', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  beforeAll(async () => {
    etcd = await startRealEtcd({ args: ['--quota-backend-bytes=2000000'] });
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  it('says so by an alarm', async () => {
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 100; n++) await client.put(`fill/${n}`, 'x'.repeat(200_000), { timeoutMs: 60_000 });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await until(
      async () => {
        expect(await client.members()).toMatchObject([{ answer: { alarms: ['NOSPACE'] } }]);
        return true;
      },
      { what: 'the alarm is raised' },
    );
  });
});

import { EtcdApi } from '../../../../test/support/etcd-api.js';
import { allServers, type ServerUnderTest } from '../../../../test/support/etcd-servers.js';

describe.each(allServers)('%s', (_name, start) => {
  let server: ServerUnderTest;
  let api: EtcdApi;

  beforeAll(async () => {
    server = await start();
    api = new EtcdApi(server.endpoint);
  });
  afterAll(async () => {
    api.close();
    await server.stop();
  });

  it('is one member, and leads itself', async () => {
    const { members } = (await api.memberList()) as unknown as { members: Record<string, unknown>[] };
    expect(members).toHaveLength(1);
    expect(members[0]).toMatchObject({ clientURLs: [`http://${server.endpoint}`], isLearner: false });
    expect(members[0]!.name).not.toBe('');
    const status = await api.status();
    expect(status).toMatchObject({ leader: members[0]!.ID, errors: [], isLearner: false });
    expect(status.version).toMatch(/^3\.[45]\.\d+$/);
  });

  it('starts at revision 1', async () => {
    expect(await api.range({ key: 'none' })).toEqual({
      header: { revision: '1' },
      kvs: [],
      more: false,
      count: '0',
    });
  });

  it('names what it does not serve', async () => {
    await expect(api.raw('/etcdserverpb.KV/Frobnicate', Buffer.alloc(0))).rejects.toMatchObject({
      code: 12,
      details: expect.stringContaining('Frobnicate'),
    });
  });

  it('says so when a request is no message', async () => {
    await expect(api.raw('/etcdserverpb.KV/Put', Buffer.from('ffff', 'hex'))).rejects.toMatchObject({
      code: 13,
    });
  });
});

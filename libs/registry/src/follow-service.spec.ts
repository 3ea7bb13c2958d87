import { EtcdClient, Session } from '@app/etcd';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { settled } from '../../../test/support/until.js';
import { followService, listService, type ServiceUpdate } from './follow-service.js';
import { registryKey, servicePrefix, WORKER_SERVICE } from './service-key.js';
import { encodeService, type ServiceRecord } from './service-record.js';

describeWithEtcd('following a service, on a real etcd', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let leave: AbortController;

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  beforeEach(() => (leave = new AbortController()));
  afterEach(async () => {
    leave.abort();
    await client.deletePrefix('/micro/registry/');
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  const recordOf = (id: string, address = 'h:1', version = 'latest'): ServiceRecord => ({
    name: WORKER_SERVICE,
    version,
    metadata: null,
    endpoints: [],
    nodes: [{ id, address, metadata: {} }],
  });
  const put = (record: ServiceRecord, leaseId?: bigint) =>
    client.put(registryKey(WORKER_SERVICE, record.nodes![0]!.id), encodeService(record), { leaseId });

  /** Follows, and gives one update after the other. */
  const follow = () => {
    const updates = followService(client, WORKER_SERVICE, leave.signal);
    return async (): Promise<ServiceUpdate | undefined> => {
      const next = await settled(updates.next(), { what: 'an update' });
      return next.done ? undefined : next.value;
    };
  };

  it('tells first what is there, and skips what is no service description', async () => {
    await put(recordOf('w-1'));
    await put(recordOf('w-2'));
    await client.put(`${servicePrefix(WORKER_SERVICE)}broken`, 'not json');
    await client.put('/micro/registry/go.micro.server.worker2/w-9', encodeService(recordOf('w-9')));
    const next = follow();
    expect(await next()).toEqual({ kind: 'snapshot', services: [recordOf('w-1'), recordOf('w-2')] });
    leave.abort();
    expect(await next()).toBeUndefined();
  });

  it('tells creation, update and deletion apart, and of a deletion what was there before', async () => {
    const next = follow();
    expect(await next()).toEqual({ kind: 'snapshot', services: [] });
    await put(recordOf('w-1'));
    await put(recordOf('w-1', 'h:2'));
    await client.put(`${servicePrefix(WORKER_SERVICE)}broken`, '{');
    await client.delete(`${servicePrefix(WORKER_SERVICE)}broken`);
    await client.delete(registryKey(WORKER_SERVICE, 'w-1'));
    await put(recordOf('w-1', 'h:3'));
    expect([await next(), await next(), await next(), await next()]).toEqual([
      { kind: 'change', change: { action: 'create', service: recordOf('w-1') } },
      { kind: 'change', change: { action: 'update', service: recordOf('w-1', 'h:2') } },
      { kind: 'change', change: { action: 'delete', service: recordOf('w-1', 'h:2') } },
      { kind: 'change', change: { action: 'create', service: recordOf('w-1', 'h:3') } },
    ]);
  });

  it('tells the last readable description of a node whose key was overwritten with something else', async () => {
    const next = follow();
    await next();
    await put(recordOf('w-1'));
    await client.put(registryKey(WORKER_SERVICE, 'w-1'), 'not json');
    await client.delete(registryKey(WORKER_SERVICE, 'w-1'));
    await next();
    expect(await next()).toEqual({ kind: 'change', change: { action: 'delete', service: recordOf('w-1') } });
  });

  it('sees a crashed node when its lease ends, as a deletion with its service', async () => {
    const granted = await etcd.etcdctl('lease', 'grant', '600');
    const [, leaseId = ''] = /lease (\w+) granted/.exec(granted) ?? [];
    await put(recordOf('w-1'), BigInt(`0x${leaseId}`));
    const next = follow();
    expect(await next()).toMatchObject({ kind: 'snapshot', services: [recordOf('w-1')] });
    await etcd.etcdctl('lease', 'revoke', leaseId);
    expect(await next()).toEqual({ kind: 'change', change: { action: 'delete', service: recordOf('w-1') } });
  });

  it('sees a node of a second version as well, and lists nodes by version', async () => {
    const session = await Session.open(client, { ttlMs: 60_000 });
    await put(recordOf('w-1'), session.leaseId);
    await put(recordOf('w-2', 'h:2', 'v2'));
    await put(recordOf('w-3', 'h:3'));
    await client.put(`${servicePrefix(WORKER_SERVICE)}broken`, '[]');
    expect(await listService(client, WORKER_SERVICE)).toEqual([
      { ...recordOf('w-1'), nodes: [...recordOf('w-1').nodes!, ...recordOf('w-3', 'h:3').nodes!] },
      recordOf('w-2', 'h:2', 'v2'),
    ]);
    await session.close();
    expect(await listService(client, WORKER_SERVICE)).toHaveLength(2);
  });
});

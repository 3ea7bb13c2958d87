import { EtcdClient, type Session } from '@app/etcd';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { settled, until } from '../../../test/support/until.js';
import { Registration, type RegistrationState } from './registration.js';
import { nodeId, registryKey, WORKER_SERVICE } from './service-key.js';
import { encodeService, type ServiceRecord } from './service-record.js';

describeWithEtcd('a registration, on a real etcd', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let states: RegistrationState[];
  const begun: Registration[] = [];

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint], requestTimeoutMs: 2_000 });
  });
  beforeEach(() => (states = []));
  afterEach(() => Promise.all(begun.splice(0).map((registration) => registration.deregister())));
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  const recordOf = (id: string, address = '10.0.0.7:9091'): ServiceRecord => ({
    name: WORKER_SERVICE,
    version: 'latest',
    metadata: null,
    endpoints: [],
    nodes: [{ id: nodeId(WORKER_SERVICE, id), address, metadata: { registry: 'etcd' } }],
  });
  const keyOf = (id: string) => registryKey(WORKER_SERVICE, nodeId(WORKER_SERVICE, id));
  const stored = (id: string) => client.get(keyOf(id));
  const kinds = () => states.map(({ kind }) => kind);

  const register = async (
    record: ServiceRecord,
    { signal = new AbortController().signal, ttlMs = 20_000, intervalMs = 200 } = {},
  ): Promise<Registration> => {
    const onState = (state: RegistrationState) => void states.push(state);
    const registration = await Registration.start(client, { record, ttlMs, intervalMs, signal, onState });
    begun.push(registration);
    return registration;
  };
  const revoke = (session: Session) => etcd.etcdctl('lease', 'revoke', session.leaseId.toString(16));

  it('puts the record under the session’s lease once, and from then on only refreshes the lease', async () => {
    const { session } = await register(recordOf('1'));
    const put = await stored('1');
    expect(put).toMatchObject({
      value: encodeService(recordOf('1')),
      leaseId: session!.leaseId,
      version: 1n,
    });
    const endsAt = () => performance.now() + session!.remainingMs();
    const firstEnd = endsAt();
    await until(() => endsAt() > firstEnd + 1_000, { what: 'it is refreshed, and again' });
    expect(await stored('1')).toEqual(put);
  });

  it('puts again when the address changes, and not when nothing does', async () => {
    const registration = await register(recordOf('2'));
    await registration.update(recordOf('2'));
    expect((await stored('2'))?.version).toBe(1n);
    await registration.update(recordOf('2', '10.0.0.8:9091'));
    expect(await stored('2')).toMatchObject({
      value: encodeService(recordOf('2', '10.0.0.8:9091')),
      version: 2n,
      leaseId: registration.session!.leaseId,
    });
  });

  it('registers anew when its lease is gone, each incarnation with a session of its own', async () => {
    const registration = await register(recordOf('3'));
    const first = registration.session!;
    await revoke(first);
    await until(() => kinds().filter((kind) => kind === 'registered').length === 2, {
      what: 'it is registered again',
    });
    expect(kinds()).toEqual(['registered', 'lost', 'registered']);
    expect(states[1]).toMatchObject({ session: first, cause: { code: 'LEASE_LOST' } });
    expect(registration.session).not.toBe(first);
    expect((await stored('3'))?.leaseId).toBe(registration.session!.leaseId);
  });

  it('says that it is lost while etcd is silent, and registers again when etcd is back', async () => {
    const registration = await register(recordOf('4'), { ttlMs: 3_000 });
    const { session } = registration;
    etcd.pause();
    try {
      await until(() => registration.session === undefined, { what: 'it is lost' });
      expect(session!.alive()).toBe(false);
      expect(kinds()).toContain('lost');
    } finally {
      etcd.resume();
    }
    await until(() => registration.session !== undefined, {
      what: 'it is registered again',
    });
    await until(async () => (await stored('4'))?.leaseId === registration.session?.leaseId, {
      what: 'it stands there under the new lease',
    });
  });

  it('takes a change that came while it was lost into the next incarnation', async () => {
    const registration = await register(recordOf('5'), { ttlMs: 3_000 });
    etcd.pause();
    try {
      await until(() => registration.session === undefined, { what: 'it is lost' });
      await registration.update(recordOf('5', '10.0.0.9:1'));
    } finally {
      etcd.resume();
    }
    await until(() => registration.session !== undefined, {
      what: 'it is registered again',
    });
    expect((await stored('5'))?.value).toBe(encodeService(recordOf('5', '10.0.0.9:1')));
  });

  it('deletes its key at once when it deregisters, and gives the lease back', async () => {
    const registration = await register(recordOf('6'), { ttlMs: 60_000, intervalMs: 15_000 });
    const session = registration.session!;
    await registration.deregister();
    expect(await stored('6')).toBeUndefined();
    expect(session.lost.aborted).toBe(true);
    expect(await etcd.etcdctl('lease', 'list')).not.toContain(session.leaseId.toString(16));
    expect(kinds()).toEqual(['registered']);
    await registration.deregister();
  });

  it('leaves the key of another process alone that has taken over its id', async () => {
    const registration = await register(recordOf('7'));
    await client.put(keyOf('7'), 'theirs');
    await registration.deregister();
    expect((await stored('7'))?.value).toBe('theirs');
  });

  it('gives up when the signal aborts before it is registered', async () => {
    const nowhere = new EtcdClient({ endpoints: ['127.0.0.1:1'], requestTimeoutMs: 200 });
    const giveUp = new AbortController();
    const options = { record: recordOf('8'), ttlMs: 3_000, intervalMs: 1_000, signal: giveUp.signal };
    const started = Registration.start(nowhere, {
      ...options,
      onState: (state) => {
        states.push(state);
        giveUp.abort();
      },
    });
    await expect(settled(started, { what: 'giving up' })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(kinds()).toEqual(['failed']);
    nowhere.close();
  });

  it('registers nothing but exactly one node', async () => {
    await expect(register({ ...recordOf('9'), nodes: [] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

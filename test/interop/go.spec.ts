import { Election, type Leader, type Leadership } from '@app/election';
import { EtcdClient, Session } from '@app/etcd';
import { descriptorSet } from '@app/proto';
import {
  encodeService,
  endpointsOf,
  followService,
  nodeId,
  Registration,
  registryKey,
  WORKER_SERVICE,
  type ServiceRecord,
  type ServiceUpdate,
} from '@app/registry';
import { encodeResource, keys, type ResourceRecord } from '@app/resources';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { settled, until } from '../support/until.js';
import { buildGoProgram, describeWithGo, type GoProcess } from './go-program.js';

const program = await buildGoProgram();

afterAll(async () => {
  if (!('missing' in program)) await program.remove();
});

describeWithGo(program, "Go's concurrency.Election and ours, in one election", (go) => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let election: Election;
  let end: AbortController;
  let session: Session;
  let started: GoProcess[];
  let round = 0;

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  beforeEach(async () => {
    election = new Election(client, { prefix: `/election-${++round}` });
    session = await Session.open(client, { ttlMs: 10_000 });
    end = new AbortController();
    started = [];
  });
  afterEach(async () => {
    end.abort();
    await session.close();
    await Promise.all(started.map(({ process }) => process.kill()));
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });

  const start = async (command: string, flags: Record<string, string | number> = {}): Promise<GoProcess> => {
    const process = await go.start(command, { etcd: etcd.endpoint, prefix: election.prefix, ...flags });
    started.push(process);
    return process;
  };
  const campaign = (value: string): Promise<Leadership> => {
    const won = election.campaign(session, value, end.signal);
    won.catch(() => {}); // looked at by the tests that await it
    return won;
  };
  const inLine = (count: number): Promise<unknown> =>
    until(async () => (await client.count(`${election.prefix}/`)) === count, {
      what: `${count} candidates are in line`,
    });

  it('ours leads after the Go candidate that came first has resigned, with a higher term', async () => {
    const rival = await start('campaign', { value: 'master1-10.0.0.1:9091' });
    const theirs = await rival.event<{ key: string; term: string }>('elected');
    expect(await election.leader()).toEqual({
      key: theirs.key,
      value: 'master1-10.0.0.1:9091',
      term: BigInt(theirs.term),
    });

    const won = campaign('master2-10.0.0.2:9091');
    await inLine(2);
    rival.process.signal('SIGTERM');
    const ours = await settled(won, { what: 'our win' });
    expect(ours.term).toBeGreaterThan(BigInt(theirs.term));
  });

  it('a Go candidate leads after ours, which came first, has resigned', async () => {
    const ours = await campaign('master1-10.0.0.1:9091');
    const rival = await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    expect(rival.events('elected')).toEqual([]);
    await ours.resign();
    const theirs = await rival.event<{ term: string }>('elected');
    expect(BigInt(theirs.term)).toBeGreaterThan(ours.term);
  });

  it('ours leads once the lease of a Go leader that was killed has ended', async () => {
    const rival = await start('campaign', { value: 'master1-10.0.0.1:9091', ttl: 1 });
    await rival.event('elected');
    const won = campaign('master2-10.0.0.2:9091');
    await inLine(2);
    await rival.process.kill();
    expect(await settled(won, { what: 'our win' })).toMatchObject({ value: 'master2-10.0.0.2:9091' });
  });

  it("Go's observer sees our leader, what it proclaims, and the Go leader after it", async () => {
    const observer = await start('observe');
    const ours = await campaign('master1-10.0.0.1:9091');
    const seen = (value: string): Promise<{ term: string }> =>
      observer.event('leader', (leader: { value: string; term: string }) => leader.value === value);

    expect(BigInt((await seen('master1-10.0.0.1:9091')).term)).toBe(ours.term);
    await ours.proclaim('master1-10.0.0.9:9091');
    expect(BigInt((await seen('master1-10.0.0.9:9091')).term)).toBe(ours.term);
    expect(await go.run('leader', { etcd: etcd.endpoint, prefix: election.prefix })).toEqual([
      { event: 'leader', key: ours.key, value: 'master1-10.0.0.9:9091', term: String(ours.term) },
    ]);
    await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    await ours.resign();
    await seen('master2-10.0.0.2:9091');
  });

  it('our observer sees Go leaders come and go', async () => {
    const seen: (Leader | undefined)[] = [];
    const observed = (async () => {
      for await (const leader of election.observe(end.signal)) seen.push(leader);
    })();
    const sees = (value: string | undefined): Promise<unknown> =>
      until(() => seen.length > 0 && seen.at(-1)?.value === value, { what: `${value} is seen to lead` });

    const first = await start('campaign', { value: 'master1-10.0.0.1:9091' });
    await sees('master1-10.0.0.1:9091');
    await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    first.process.signal('SIGTERM');
    await sees('master2-10.0.0.2:9091');
    expect(seen.filter(Boolean).map((leader) => leader?.value)).toEqual([
      'master1-10.0.0.1:9091',
      'master2-10.0.0.2:9091',
    ]);
    end.abort();
    await settled(observed, { what: 'the end of observing' });
  });
});

describeWithGo(program, "go-micro's registry and ours, in one registry", (go) => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let end: AbortController;
  let started: GoProcess[];

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  beforeEach(() => {
    end = new AbortController();
    started = [];
  });
  afterEach(async () => {
    end.abort();
    await Promise.all(started.map(({ process }) => process.stop()));
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });

  const ours = (id: string, address: string): ServiceRecord => ({
    name: WORKER_SERVICE,
    version: 'latest',
    metadata: null,
    endpoints: endpointsOf(descriptorSet(), ['Greeter', 'Worker']),
    nodes: [{ id: nodeId(WORKER_SERVICE, id), address, metadata: { registry: 'etcd', zone: '<a> & "b"' } }],
  });
  const register = (record: ServiceRecord): Promise<Registration> =>
    Registration.start(client, { record, ttlMs: 5_000, intervalMs: 1_000, signal: end.signal });
  const start = async (command: string, flags: Record<string, string | number> = {}): Promise<GoProcess> => {
    const process = await go.start(command, { etcd: etcd.endpoint, service: WORKER_SERVICE, ...flags });
    started.push(process);
    return process;
  };
  const theirs = (id: string, address: string): Promise<GoProcess> =>
    start('register', { id: nodeId(WORKER_SERVICE, id), address });

  it('a go-micro client finds our nodes and the Go ones under one version, with our endpoints', async () => {
    const registrations = [
      await register(ours('1', '10.0.0.1:11901')),
      await register(ours('2', '10.0.0.2:11901')),
    ];
    await (await theirs('3', '10.0.0.3:11901')).event('registered');

    const found = await go.run<ServiceRecord>('services', {
      etcd: etcd.endpoint,
      service: WORKER_SERVICE,
    });
    expect(found).toEqual([
      {
        ...ours('1', '10.0.0.1:11901'),
        nodes: [
          ...(ours('1', '10.0.0.1:11901').nodes ?? []),
          ...(ours('2', '10.0.0.2:11901').nodes ?? []),
          expect.objectContaining({ id: 'go.micro.server.worker-3', address: '10.0.0.3:11901' }),
        ],
      },
    ]);
    await Promise.all(registrations.map((registration) => registration.deregister()));
  });

  it("go-micro's watcher, which reads the first event of a response only, misses none of our changes", async () => {
    const watcher = await start('watch');
    await watcher.event('watching');
    const registration = await register(ours('4', '10.0.0.4:11901'));
    await registration.update(ours('4', '10.0.0.5:11901'));
    await registration.deregister();

    const change = { event: 'change' };
    await watcher.event('change', ({ action }: { action: string }) => action === 'delete');
    expect(watcher.events('change')).toEqual([
      { ...change, action: 'create', service: ours('4', '10.0.0.4:11901') },
      { ...change, action: 'update', service: ours('4', '10.0.0.5:11901') },
      { ...change, action: 'delete', service: ours('4', '10.0.0.5:11901') },
    ]);
  });

  it('we see a Go node that is there, one that comes and one that goes', async () => {
    const first = await theirs('6', '10.0.0.6:11901');
    await first.event('registered');
    const updates: ServiceUpdate[] = [];
    const followed = (async () => {
      for await (const update of followService(client, WORKER_SERVICE, end.signal)) updates.push(update);
    })();
    const told = (kind: string, id: string): Promise<unknown> =>
      until(() => updates.some((update) => summary(update) === `${kind} ${id}`), {
        what: `${kind} of ${id}`,
      });

    await told('snapshot', '6');
    await (await theirs('7', '10.0.0.7:11901')).event('registered');
    await told('create', '7');
    first.process.signal('SIGTERM');
    await told('delete', '6');
    end.abort();
    await settled(followed, { what: 'the end of following' });
    expect(updates.map(summary)).toEqual(['snapshot 6', 'create 7', 'delete 6']);
  });

  it('what Go writes we write byte for byte, and what we write Go does', async () => {
    const registered = await (await theirs('8', '10.0.0.8:11901')).event<{ record: string }>('registered');
    const [update] = await collect(followService(client, WORKER_SERVICE, end.signal), 1);
    const read = update?.kind === 'snapshot' ? update.services : [];
    expect(read.map(encodeService)).toContain(registered.record);

    const record = ours('9', '[fd00::1]:11901');
    await client.put(registryKey(WORKER_SERVICE, nodeId(WORKER_SERVICE, '9')), encodeService(record));
    const recoded = await go.run<{ stored: string; again: string }>('recode', {
      etcd: etcd.endpoint,
      prefix: '/micro/registry/',
    });
    expect(recoded.length).toBeGreaterThanOrEqual(2);
    for (const { stored, again } of recoded) expect(again).toBe(stored);
  });

  const summary = (update: ServiceUpdate): string => {
    if (update.kind === 'snapshot') return `snapshot ${ids(update.services)}`;
    return update.kind === 'change' ? `${update.change.action} ${ids([update.change.service])}` : update.kind;
  };
  const ids = (services: ServiceRecord[]): string =>
    services
      .flatMap(({ nodes }) => nodes ?? [])
      .map(({ id }) => id.split('-').at(-1))
      .join(' ');
});

describeWithGo(program, 'records that a Go program reads and writes again', (go) => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });

  it('a resource keeps every byte, whatever its name and however large its numbers', async () => {
    const record = (name: string, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
      id: '1622019481540759552',
      name,
      assignedNode: { id: 'go.micro.server.worker-1', address: '10.156.157.194:11901' },
      creationTime: 1675554554713968001n,
      ...more,
    });
    const records = [
      record('douban_book_list'),
      record('<b>Tom & "Jerry"</b> \\ \u2028\u2029 \u007f'),
      record('书 é \u{1F577} \uFFFD'),
      record('unassigned', { assignedNode: undefined }),
      record('largest', { creationTime: 9223372036854775807n, id: '9223372036854775807' }),
      record('IPv6', { assignedNode: { id: 'go.micro.server.worker-2', address: '[fd00::1]:11901' } }),
    ];
    for (const entry of records) await client.put(keys.resource(entry.name), encodeResource(entry));
    await client.put('/resources/election/3f358619bf221967', 'master1-10.156.157.194:9091');

    const recoded = await go.run<{ key: string; stored: string; again: string }>('recode', {
      etcd: etcd.endpoint,
      prefix: '/resources/',
    });
    expect(recoded).toHaveLength(records.length);
    for (const { stored, again } of recoded) expect(again).toBe(stored);
  });
});

async function collect<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const collected: T[] = [];
  for await (const element of source) {
    collected.push(element);
    if (collected.length === count) break;
  }
  return collected;
}

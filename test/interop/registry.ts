import { EtcdClient } from '@app/etcd';
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
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { settled, until } from '../support/until.js';
import type { Flags, GoProcess, GoProgram } from './go-program.js';

/** Nodes, lookups and watchers of go-micro's registry, and ours, under one prefix. */
export function registryWithGo(go: GoProgram): void {
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
    Registration.start(client, { record, ttlMs: 30_000, intervalMs: 1_000, signal: end.signal });
  const start = async (command: string, flags: Flags = {}): Promise<GoProcess> => {
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
}

async function collect<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const collected: T[] = [];
  for await (const element of source) {
    collected.push(element);
    if (collected.length === count) break;
  }
  return collected;
}

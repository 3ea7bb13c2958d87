import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isReachable, readProgram, SHUTDOWN_SECONDS, type ReadProgram } from './programs.js';
import { startBareService, type BareService } from './served-paths.js';

interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string };
  user?: string;
  command?: string[];
  environment: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck: { test: string[] };
  stop_grace_period: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  deploy: { resources: { limits: Record<string, string> } };
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
}

const file = fileURLToPath(new URL('../../docker/compose.yaml', import.meta.url));
// Of variables that the caller may set, what counts when he does not.
const written = readFileSync(file, 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, "'$1'");
const compose = parse(written, { merge: true }) as Compose;
const all = Object.entries(compose.services);
const etcds = all.filter(([name]) => name.startsWith('etcd'));
const own = all
  .filter(([, { image }]) => image.startsWith('orbweaver:'))
  .map(([name, service]) => ({
    name,
    service,
    program: readProgram(service.command ?? [], service.environment),
  }));

describe('the compose file', () => {
  let bare: BareService;
  beforeAll(async () => {
    bare = await startBareService();
    bare.setReady(true);
  });
  afterAll(() => bare?.stop());

  it('starts 3 etcd, 3 masters and 3 workers with flags and variables that they take, each with an id of its own', () => {
    const ids = own.map(({ program }) => `${program.name}${String(program.values['id'])}`);
    expect(ids).toEqual(['master1', 'master2', 'master3', 'worker1', 'worker2', 'worker3']);
    expect(own.map(({ name }) => name)).toEqual(ids);
    expect(etcds).toHaveLength(3);
  });

  it('makes one cluster of the etcd members, and tells the programs all of them', () => {
    const names = etcds.map(([name]) => name);
    for (const [name, { environment }] of etcds) {
      expect(environment['ETCD_NAME']).toBe(name);
      expect(environment['ETCD_INITIAL_CLUSTER']).toBe(
        names.map((peer) => `${peer}=http://${peer}:2380`).join(','),
      );
      expect(environment['ETCD_ADVERTISE_CLIENT_URLS']).toBe(`http://${name}:2379`);
      expect(environment['ETCD_INITIAL_ADVERTISE_PEER_URLS']).toBe(`http://${name}:2380`);
    }
    for (const { program } of own) {
      expect(program.values['etcd']).toEqual(names.map((name) => `${name}:2379`));
    }
  });

  it('gives all workers one store, the database that it starts', () => {
    const { environment = {}, image } = compose.services['postgres'] ?? {};
    expect(image).toMatch(/^postgres:/);
    const stores = own
      .filter(({ program }) => program.name === 'worker')
      .map(({ program }) => String(program.values['store']));
    expect(stores).toHaveLength(3);
    const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database } = environment;
    for (const store of stores) {
      expect(store).toBe(`postgres://${user}:${password}@postgres:5432/${database}`);
    }
  });

  it('publishes only on loopback, and only ports that are bound', () => {
    const published = own.flatMap(({ service, program }) =>
      (service.ports ?? []).map((port) => ({ port: port.split(':'), program })),
    );
    expect(published).toHaveLength(6);
    for (const { port, program } of published) {
      expect(port[0]).toBe('127.0.0.1');
      expect([program.http.port, program.grpc.port].map(String)).toContain(port[2]);
    }
    expect(new Set(published.map(({ port }) => port[1])).size).toBe(published.length);
    const others = all.filter(([name]) => !own.some((each) => each.name === name));
    expect(others.flatMap(([, { ports = [] }]) => ports)).toEqual([]);
  });

  it('binds where the other containers reach it, and profiles on loopback', () => {
    const bound = ({ http, grpc, pprof }: ReadProgram): unknown[] => [
      isReachable(http),
      isReachable(grpc),
      pprof?.host,
    ];
    for (const { program } of own) expect(bound(program)).toEqual([true, true, '127.0.0.1']);
  });

  it('asks each program for a path that it serves, on the port that it binds', async () => {
    for (const { service, program } of own) {
      const [kind, node, probe, asked = ''] = service.healthcheck.test;
      expect([kind, node, probe]).toEqual(['CMD', 'node', '/app/docker/probe.mjs']);
      expect(new URL(asked).host).toBe(`127.0.0.1:${program.http.port}`);
      expect(await bare.get(new URL(asked).pathname)).toBe(200);
    }
  });

  it('stops by the signal alone: it waits longer than an orderly end may take', () => {
    for (const { service } of own) {
      expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThanOrEqual(2 * SHUTDOWN_SECONDS);
    }
  });

  it('runs everything without rights, with a read-only root and limits', () => {
    for (const [, service] of all) {
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.read_only).toBe(true);
      expect(Object.keys(service.deploy.resources.limits)).toEqual(['cpus', 'memory']);
    }
    for (const { service } of own) expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('refers only to services, volumes and networks that it has, and keeps the data of each apart', () => {
    const volumes = all
      .flatMap(([, service]) => service.volumes ?? [])
      .map((volume) => volume.split(':', 1)[0] ?? '');
    const kept = volumes.filter((volume) => !volume.startsWith('.'));
    expect(kept.sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [, service] of all) {
      for (const network of service.networks) expect(Object.keys(compose.networks)).toContain(network);
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(compose.services[name]?.healthcheck).toBeDefined();
        expect(condition).toBe('service_healthy');
      }
    }
    for (const { service, program } of own.filter((entry) => entry.program.name === 'worker')) {
      const mounted = (service.volumes ?? []).map((volume) => volume.split(':')[1]);
      const { dataDir, tasks } = program.values as { dataDir: string; tasks: { directory: string } };
      expect(mounted).toEqual([dataDir, tasks.directory]);
    }
  });
});

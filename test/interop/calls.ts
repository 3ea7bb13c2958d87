import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { startProcess, type RunningProcess } from '../support/process.js';
import { until } from '../support/until.js';
import type { GoProcess, GoProgram } from './go-program.js';

const MASTER = resolve('dist/apps/master/src/main.js');
const MASTER_SERVICE = 'go.micro.server.master';
const WORKER_SERVICE = 'go.micro.server.worker';

interface Addresses {
  http: string;
  grpc: string;
  pprof: string;
}

/** Two masters as processes, a worker of the original's kind, and clients in Go. */
export function callsFromGo(go: GoProgram): void {
  let etcd: EtcdServer;
  let running: RunningProcess[];
  let leader: Addresses;
  let follower: Addresses;

  beforeAll(async () => {
    if (!existsSync(MASTER)) throw new Error('not built: run `npm run build` first');
    running = [];
    etcd = await startEtcd();
    const masters = await Promise.all([startMaster('1'), startMaster('2')]);
    const elected = await until(async () => (await leaderNow()) ?? false, { what: 'a master leads' });
    leader = masters.find(({ grpc }) => elected.endsWith(grpc)) as Addresses;
    follower = masters.find((master) => master !== leader) as Addresses;
  });
  afterAll(async () => {
    await Promise.all(running.map((process) => process.stop()));
    await etcd?.stop();
  });

  async function startMaster(id: string): Promise<Addresses> {
    const listen = ['http', 'grpc', 'pprof'].map((name) => `--${name}=127.0.0.1:0`);
    const args = [MASTER, `--id=${id}`, ...listen, `--etcd=${etcd.endpoint}`];
    const master = await startProcess(process.execPath, args);
    running.push(master);
    return JSON.parse(await master.waitForLine(/"msg":"ready"/)) as Addresses;
  }
  async function startWorker(id: string, address: string): Promise<GoProcess> {
    const worker = await go.start('register', {
      etcd: etcd.endpoint,
      service: WORKER_SERVICE,
      id: `${WORKER_SERVICE}-${id}`,
      address,
    });
    running.push(worker.process);
    await worker.event('registered');
    return worker;
  }
  /** `etcdctl get` and not `elect`, which would take part. */
  async function leaderNow(): Promise<string | undefined> {
    const order = ['--sort-by=CREATE', '--order=ASCEND', '--limit=1', '--print-value-only'];
    return (await etcd.etcdctl('get', '--prefix', '/resources/election/', ...order)).trim() || undefined;
  }
  const add = (to: Addresses, name: string, service = MASTER_SERVICE): Promise<object[]> =>
    go.run('add', { address: to.grpc, name, service });
  const remove = (to: Addresses, name: string, service = MASTER_SERVICE): Promise<object[]> =>
    go.run('delete', { address: to.grpc, name, service });

  it('a go-micro client and a plain one are greeted, by leader and follower', async () => {
    for (const { grpc } of [leader, follower]) {
      for (const service of [MASTER_SERVICE, '']) {
        expect(await go.run('hello', { address: grpc, name: 'Bob', service })).toEqual([
          { greeting: 'Hello Bob' },
        ]);
      }
    }
  });

  it('a Go client gets plain statuses, without details, from leader and follower alike', async () => {
    for (const master of [leader, follower]) {
      expect(await add(master, 'nobody-there')).toEqual([
        { code: 'Unavailable', message: 'no worker nodes', details: 0 },
      ]);
      expect(await remove(master, 'unknown', '')).toEqual([
        { code: 'NotFound', message: 'no such task', details: 0 },
      ]);
      expect(await add(master, 'a/b')).toEqual([
        expect.objectContaining({ code: 'InvalidArgument', details: 0 }),
      ]);
    }
  });

  it('a Go client adds through a follower what a Go worker gets, repeats it safely, and deletes it', async () => {
    const worker = await startWorker('7', '10.0.0.7:11901');
    const assigned = [{ id: `${WORKER_SERVICE}-7`, address: '10.0.0.7:11901' }];
    await until(async () => (await add(follower, 'task-forward')).some((answer) => 'id' in answer), {
      what: 'the leader has seen the worker',
    });
    expect(await add(follower, 'task-forward')).toEqual(assigned);
    expect(await add(leader, 'task-forward', '')).toEqual(assigned);
    expect(await add(leader, 'task <b> & "c"')).toEqual(assigned);

    const records = await go.run<{ key: string; stored: string; again: string }>('recode', {
      etcd: etcd.endpoint,
      prefix: '/resources/',
    });
    expect(records.map(({ key }) => key)).toEqual(['/resources/task <b> & "c"', '/resources/task-forward']);
    for (const { stored, again } of records) {
      expect(again).toBe(stored);
      expect(stored).toMatch(
        /^\{"ID":"\d+","Name":".+","AssignedNode":"go\.micro\.server\.worker-7\|10\.0\.0\.7:11901","CreationTime":\d{19}\}$/,
      );
    }

    expect(await remove(follower, 'task-forward')).toEqual([{}]);
    expect(await remove(leader, 'task <b> & "c"', '')).toEqual([{}]);
    expect(await etcd.etcdctl('get', '--prefix', '--keys-only', '/resources/task')).toBe('');
    await worker.process.stop();
  });

  it("Go's clients of the health service and of reflection are answered", async () => {
    expect(await go.run('health', { address: leader.grpc })).toEqual([{ status: 'SERVING' }]);
    const [answer] = await go.run<{ services: string[] }>('reflect', { address: leader.grpc });
    expect(answer?.services).toEqual(
      expect.arrayContaining(['CrawlerMaster', 'Greeter', 'grpc.health.v1.Health', 'orbweaver.v1.Cluster']),
    );
  });

  it('`go tool pprof` fetches and reads a CPU and a heap profile', async () => {
    const saved = await mkdtemp(join(tmpdir(), 'orbweaver-pprof-'));
    try {
      const top = async (...args: string[]): Promise<string> => {
        const options = { env: { ...process.env, PPROF_TMPDIR: saved }, timeout: 300_000 };
        return (await promisify(execFile)('go', ['tool', 'pprof', '-top', ...args], options)).stdout;
      };
      const cpu = await top('-seconds=1', `http://${leader.pprof}/debug/pprof/profile`);
      expect(cpu).toMatch(/^Type: cpu$/m);
      expect(cpu).toMatch(/^\s+flat\s+flat%\s+sum%\s+cum\s+cum%$/m);
      const heap = await top(`http://${leader.pprof}/debug/pprof/heap`);
      expect(heap).toMatch(/^Type: inuse_space$/m);
      expect(heap).toMatch(/^Showing nodes accounting for [\d.]+[kMG]?B, /m);
    } finally {
      await rm(saved, { recursive: true, force: true });
    }
  }, 600_000); // Go compiles its pprof when it is first asked for it
}

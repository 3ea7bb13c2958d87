import { execFile as execFileCallback, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const execFile = promisify(execFileCallback);
const go = spawnSync('go', ['version']).status === 0;
if (!go) {
  console.log('skipped: that `go tool pprof` opens the profiles, since there is no go on the PATH');
}

/** Two masters and a worker; the follower is asked. */
describe('profiles of the nodes of a cluster', () => {
  let cluster: Cluster;
  let directory: string;
  let worker: WorkerProcess;
  let follower: MasterProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-profiles-'));
    cluster = await Cluster.start();
    await cluster.leader([await cluster.master('1')]);
    follower = await cluster.master('2');
    worker = await WorkerProcess.start(
      '1',
      `--etcd=${cluster.etcd.endpoint}`,
      `--data-dir=${join(directory, 'data')}`,
    );
    await cluster.workersKnown(follower, 1);
  }, LONG_MS);
  afterAll(async () => {
    await worker.kill();
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const take = (node: string, query: string, signal?: AbortSignal) =>
    fetch(`http://${follower.http}/crawler/node/${node}/profile?${query}`, { signal: signal ?? null });

  it.each([
    ['go.micro.server.worker-1', 'kind=heap', 'heap'],
    ['go.micro.server.worker-1', 'seconds=1', 'cpu'],
    ['go.micro.server.master-1', 'kind=cpu&seconds=1', 'cpu'],
    ['go.micro.server.master-2', 'kind=heap', 'heap'],
  ])(
    'of %s by %s are a file that says whose it is',
    async (node, query, kind) => {
      const answer = await take(node, query);
      expect(answer.status).toBe(200);
      const name = /filename="(.*?)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
      expect(name).toMatch(new RegExp(`^${node}-${kind}-\\d{8}T\\d{6}Z\\.pb\\.gz$`));
      const profile = Buffer.from(await answer.arrayBuffer());
      gunzipSync(profile);
      if (!go) return;
      const file = join(directory, 'profile');
      await writeFile(file, profile);
      const env = { ...process.env, PPROF_TMPDIR: directory };
      const { stdout } = await execFile('go', ['tool', 'pprof', '-top', file], { env });
      expect(stdout).toMatch(/flat\s+flat%/);
    },
    120_000,
  );

  it('of a node that is not registered are refused with those that are', async () => {
    const answer = await take('worker-9', '');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      message:
        'no node "worker-9" is registered; these are: go.micro.server.master-1, go.micro.server.master-2, go.micro.server.worker-1',
    });
  });

  it('of the CPU are taken one at a time at each node, and end when their caller goes', async () => {
    const gone = new AbortController();
    // One that is asked for below may have come first.
    const hold = async (): Promise<void> => {
      while ((await take('go.micro.server.worker-1', 'seconds=300', gone.signal)).status === 429);
    };
    const first = hold().catch(() => undefined);
    const refused = await until(
      async () => {
        const answer = await take('go.micro.server.worker-1', 'seconds=1');
        return answer.status !== 200 && answer;
      },
      { what: 'another is refused' },
    );
    expect(refused.status).toBe(429);
    expect((await take('go.micro.server.master-1', 'seconds=1')).status).toBe(200);
    gone.abort();
    await first;
    await until(async () => (await take('go.micro.server.worker-1', 'seconds=1')).status === 200, {
      what: 'the next is taken',
    });
  });
});

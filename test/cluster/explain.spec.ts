import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithPostgres, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;

interface Explanation {
  state: string;
  cause: string;
  reason: string;
  remedy: string;
}

/** Masters and a worker as processes, and hosts that have their ways. */
describe('why a task does not move', () => {
  let cluster: Cluster;
  let directory: string;
  let asked: MasterProcess;
  const servers: Server[] = [];
  const workers: WorkerProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-explain-'));
    cluster = await Cluster.start();
    await cluster.leader([await cluster.master('1')]);
    asked = await cluster.master('2');
    await cluster.leader();
  }, LONG_MS);
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
    await cluster.stop();
    await Promise.all(
      servers.splice(0).map((server) => {
        server.closeAllConnections();
        return once(server.close(), 'close');
      }),
    );
    await rm(directory, { recursive: true, force: true });
  });

  /** A host whose robots.txt says so, and whose pages are answered so. Gives its first page. */
  async function host(
    robots: string,
    page: { status: number; headers?: Record<string, string> },
  ): Promise<string> {
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') response.writeHead(200).end(robots);
      else response.writeHead(page.status, page.headers).end('<title>A page</title>');
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async function worker(...flags: string[]): Promise<WorkerProcess> {
    const started = await WorkerProcess.start(
      '1',
      `--etcd=${cluster.etcd.endpoint}`,
      `--data-dir=${join(directory, 'data')}`,
      '--allow-private',
      ...flags,
    );
    workers.push(started);
    return started;
  }

  async function add(name: string, spec: object): Promise<void> {
    const path = '/crawler/resource?pending=true';
    expect((await asked.rest('POST', path, { name, spec })).status).toBe(200);
  }

  /** As soon as it is explained so. */
  function explained(name: string, cause: string): Promise<Explanation> {
    let last: Explanation | undefined;
    return until(
      async () => {
        const { body } = await asked.rest('GET', `/crawler/resource/${name}/explain`);
        last = body as unknown as Explanation;
        return last.cause === cause && last;
      },
      { what: `${name} is explained by: ${cause}`, timeoutMs: 60_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is explained by ${JSON.stringify(last)}`, { cause: error });
    });
  }

  it(
    'is told from no worker to robots.txt, each with what would change it',
    async () => {
      const busy = await host('', { status: 429, headers: { 'retry-after': '120' } });
      const closed = await host('User-agent: *\nDisallow: /', { status: 200 });
      await add('busy', { seeds: [busy] });
      expect(await explained('busy', 'no worker')).toMatchObject({
        state: 'pending',
        reason: 'No worker is registered.',
        remedy: expect.stringContaining('orbweaver worker'),
      });

      const from = Date.now();
      const { nodeId } = await worker('--max-running=1');
      const waits = await explained('busy', 'back off');
      expect(waits).toMatchObject({ state: 'running', reason: expect.stringContaining('429') });
      const till = /until (\S+Z)/.exec(waits.reason)![1]!;
      // As told, in whole seconds, from when it was answered.
      expect(Date.parse(till)).toBeGreaterThanOrEqual(from + 119_000);
      expect(Date.parse(till)).toBeLessThanOrEqual(Date.now() + 121_000);

      await add('closed', { seeds: [closed] });
      expect(await explained('closed', 'slots')).toMatchObject({
        reason: expect.stringContaining(nodeId),
        remedy: expect.stringContaining('--max-running'),
      });

      expect((await asked.rest('POST', '/crawler/resource/busy/pause')).status).toBe(200);
      expect(await explained('busy', 'paused')).toMatchObject({ remedy: 'Resume it.' });
      expect(await explained('closed', 'forbidden')).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining(`${closed}: robots.txt disallows it`),
      });

      expect((await asked.rest('POST', `/crawler/node/${nodeId}/drain`)).status).toBe(200);
      await add('late', { seeds: [busy] });
      expect(await explained('late', 'all workers drain')).toMatchObject({ state: 'pending' });
    },
    LONG_MS,
  );

  it(
    'is told when its worker is silent, and when etcd is away',
    async () => {
      const slow = await host('', { status: 200 });
      await add('waiting', { seeds: [slow] });
      await explained('waiting', 'no worker');
      await cluster.etcd.kill();
      expect(await explained('waiting', 'etcd')).toMatchObject({
        reason: expect.stringContaining('etcd cannot be read'),
        remedy: expect.stringContaining('quorum'),
      });
      await cluster.etcd.restart();
      await explained('waiting', 'no worker');
      const { process } = await worker();
      await explained('waiting', 'done');
      process.signal('SIGSTOP');
      await explained('waiting', 'worker silent');
      process.signal('SIGCONT');
      await explained('waiting', 'done');
    },
    LONG_MS,
  );

  describeWithPostgres('on PostgreSQL', () => {
    it(
      'is told when the database is stopped',
      async () => {
        const postgres = await startPostgres();
        try {
          const page = await host('', { status: 200 });
          await worker(`--store=${await postgres.createDatabase()}`);
          await add('stored', { seeds: [page], schedule: '* * * * * *' });
          await explained('stored', 'idle');
          await postgres.kill();
          expect(await explained('stored', 'store')).toMatchObject({
            remedy: expect.stringContaining('database'),
          });
        } finally {
          await postgres.stop();
        }
      },
      LONG_MS,
    );
  });
});

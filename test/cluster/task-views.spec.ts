import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 30;

interface History {
  points: { done: string; items: string; queued: string }[];
  stepSeconds: number;
  statuses: { status: number; pages: string }[];
}

describe('what a master passes on of the work of a worker', () => {
  let directory: string;
  let cluster: Cluster;
  let master: MasterProcess;
  let site: Site;
  let worker: WorkerProcess | undefined;
  const rules = { page: { follow: 'a', fields: { title: { css: 'title', required: true } } } };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-views-'));
    cluster = await Cluster.start();
    master = await cluster.master('1');
    await cluster.leader();
    site = await Site.start(PAGES);
  }, LONG_MS);
  afterAll(async () => {
    await worker?.kill();
    await cluster.stop();
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  }, LONG_MS);

  it('a page cannot be tried without a worker', async () => {
    const { status, body } = await master.rest('POST', '/crawler/try', { spec: { seeds: [site.url] } });
    expect([status, body.message]).toEqual([503, 'no worker nodes']);
  });

  it(
    'a page is tried by a worker, with every fault of a wrong spec',
    async () => {
      worker = await WorkerProcess.start(
        '1',
        `--etcd=${cluster.etcd.endpoint}`,
        `--data-dir=${directory}`,
        '--allow-private',
      );
      await cluster.workersKnown(master, 1);
      const tried = await master.rest('POST', '/crawler/try', { spec: { seeds: [site.url], rules } });
      expect(tried).toMatchObject({
        status: 200,
        body: {
          url: site.url,
          status: 200,
          rule: 'page',
          allowed: true,
          error: '',
          itemCount: 1,
          linkCount: 2,
        },
      });
      expect(site.requests).toHaveLength(1);
      const wrong = await master.rest('POST', '/crawler/try', { spec: { seed: [site.url], maxDepth: -1 } });
      expect([wrong.status, wrong.body.message]).toEqual([
        400,
        expect.stringMatching(/seeds.*maxDepth|maxDepth.*seeds/),
      ]);
    },
    LONG_MS,
  );

  it(
    'its hosts while it runs, and how it went',
    async () => {
      const spec = { seeds: [site.url], rules, maxDepth: 20, delay: '20ms' };
      const { host } = new URL(site.url);
      site.answerInMs = 500;
      expect((await master.rest('POST', '/crawler/resource', { name: 'books', spec })).status).toBe(200);
      await until(
        async () => {
          const { body } = await master.rest('GET', '/crawler/resource/books/hosts');
          const hosts = body['hosts'] as object[];
          expect(hosts[0]).toMatchObject({ host, delayMs: '20', concurrency: 1, failures: 0 });
          return true;
        },
        { what: 'its host is told' },
      );
      site.answerInMs = 0;
      await until(
        async () => {
          const answer = await master.rest('GET', '/crawler/resource/books/history');
          const { points, statuses } = answer.body as unknown as History;
          const sum = (what: 'done' | 'items') => points.reduce((all, point) => all + Number(point[what]), 0);
          expect([sum('done'), sum('items'), points.at(-1)?.queued, statuses]).toEqual([
            PAGES,
            PAGES,
            '0',
            [{ status: 200, pages: String(PAGES) }],
          ]);
          return true;
        },
        { what: 'all is fetched, and told' },
      );
    },
    LONG_MS,
  );

  it.each(['history', 'hosts', 'log'])('%s of a task that nobody knows is not found', async (what) => {
    const { status, body } = await master.rest('GET', `/crawler/resource/none/${what}`);
    expect([status, body.message]).toEqual([404, 'no such task']);
  });
});

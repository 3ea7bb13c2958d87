import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from '@app/resources';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { SHORT_TERM, type MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 40;

type Task = Record<'state' | 'reason' | 'pagesDone' | 'pagesFailed' | 'items', string> & {
  run: number;
  retry: number;
};

/** Masters and workers as processes, on one store. */
describe('crawls are steered', () => {
  let cluster: Cluster;
  let site: Site;
  let worker: WorkerProcess;
  let directory: string;
  let leader: MasterProcess;
  let follower: MasterProcess;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-steering-'));
    [cluster, site] = [await Cluster.start(), await Site.start(PAGES)];
    leader = await cluster.master('1', SHORT_TERM);
    await cluster.leader([leader]);
    follower = await cluster.master('2', SHORT_TERM);
    worker = await WorkerProcess.start(
      '1',
      `--etcd=${cluster.etcd.endpoint}`,
      `--data-dir=${join(directory, 'data')}`,
      '--allow-private',
    );
    await cluster.leader();
    for (const master of [leader, follower]) await cluster.workersKnown(master, 1);
  }, LONG_MS);
  afterEach(async () => {
    await worker.kill();
    await cluster.stop();
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const add = async (name: string, spec: object = {}): Promise<void> => {
    const answer = await follower.rest('POST', '/crawler/resource', {
      name,
      spec: { seeds: [site.url], delay: 0, maxDepth: 20, ...spec },
    });
    expect(answer).toMatchObject({ status: 200 });
  };
  const post = async (name: string, verb: string, body?: object): Promise<void> => {
    const answer = await follower.rest('POST', `/crawler/resource/${name}/${verb}`, body);
    expect(answer).toMatchObject({ status: 200 });
  };
  const taskOf = async (name: string): Promise<Task | undefined> =>
    (await follower.rest('GET', `/crawler/resource/${name}`)).body['task'] as Task | undefined;
  const become = (name: string, wanted: Partial<Task>): Promise<Task> =>
    until(
      async () => {
        const task = await taskOf(name);
        return Object.entries(wanted).every(([key, value]) => task?.[key as keyof Task] === value) && task;
      },
      { what: `${name} becomes ${JSON.stringify(wanted)}` },
    );
  const seedRequests = () => site.requests.filter(({ path }) => path === '/0').length;

  it(
    'they stop where they stand, through the death of the leader, and go on from there',
    async () => {
      site.answerInMs = 400;
      await add('slow', { delay: '20ms' });
      await until(() => site.requests.length > 5, { what: 'it crawls' });
      await post('slow', 'pause');
      const paused = await become('slow', { state: 'paused' });
      const requests = site.requests.length;
      expect(requests).toBeLessThan(PAGES);
      expect(Number(paused.pagesDone)).toBeGreaterThan(0);

      await leader.kill();
      expect(site.requests.length).toBe(requests);
      site.answerInMs = 0;
      await post('slow', 'resume');
      const done = await become('slow', { state: 'done' });
      expect(done).toMatchObject({ pagesDone: String(PAGES), run: 1 });
      // What was under way when it was paused may have been asked for again.
      expect(site.repeated.length).toBeLessThanOrEqual(1);
    },
    LONG_MS,
  );

  it(
    'they run again, start over from nothing, and try again what failed',
    async () => {
      site.status = (path) => (path === '/7' ? 404 : 200);
      await add('again');
      await become('again', { state: 'done', pagesFailed: '1' });
      const pages = await follower.rest('GET', '/crawler/resource/again/pages?failed=true');
      expect(pages.body['pages']).toMatchObject([{ status: 404, state: 'failed', rule: 'page' }]);

      site.status = () => 200;
      await post('again', 'retry');
      await become('again', { state: 'done', pagesFailed: '0', retry: 1, pagesDone: String(PAGES) });

      await post('again', 'restart');
      await become('again', { state: 'done', run: 2 });
      expect(seedRequests()).toBe(2);
      await post('again', 'restart', { fromScratch: true });
      await until(() => seedRequests() === 3, { what: 'it starts over' });
      await become('again', { state: 'done', run: 1, pagesDone: String(PAGES) });
      expect(site.requests.filter(({ path }) => path === '/39')).toHaveLength(2);
    },
    LONG_MS,
  );

  it(
    'their last ten specs are kept, each once, through the death of the leader, until they are deleted',
    async () => {
      const specOf = (maxPages: number) => ({ seeds: [site.url], delay: '10s', maxPages });
      await add('kept', specOf(1));
      for (let n = 2; n <= 14; n++) {
        const put = until(
          async () => {
            const { status } = await follower.rest('PUT', '/crawler/resource/kept/spec', specOf(n));
            return status === 200;
          },
          { what: `spec ${n} is taken` },
        );
        // Whether it was written before is for etcd to know: it is sent again.
        if (n === 8) await leader.kill();
        await put;
      }
      const listed = async (name: string) =>
        (await follower.rest('GET', `/crawler/resource/${name}/specs`)) as unknown as {
          status: number;
          body: { specs: { spec: string; replacedAt: string; revision: string }[] };
        };
      const { specs } = (await listed('kept')).body;
      const pages = specs.map(({ spec }) => (JSON.parse(spec) as { maxPages: number }).maxPages);
      expect(pages).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
      const revisions = specs.map(({ revision }) => BigInt(revision));
      expect(revisions).toEqual([...revisions].sort((a, b) => (a > b ? -1 : 1)));
      expect(specs.map(({ replacedAt }) => replacedAt)).toEqual(
        specs
          .map(({ replacedAt }) => replacedAt)
          .sort()
          .toReversed(),
      );
      expect(await cluster.disagreements()).toEqual([]);

      await follower.remove('kept');
      expect(await cluster.client.count(keys.specHistory('kept'))).toBe(0);
      expect((await listed('kept')).status).toBe(404);
      await add('kept', specOf(1));
      expect((await listed('kept')).body.specs).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'their schedule runs them once each time, through the death of the leader',
    async () => {
      await add('scheduled', { maxDepth: 0, schedule: '* * * * * *' });
      await until(() => seedRequests() >= 3, { what: 'it runs each second' });
      await leader.kill();
      const before = seedRequests();
      await until(() => seedRequests() >= before + 2, { what: 'it runs again' });
      await post('scheduled', 'pause');
      await become('scheduled', { state: 'paused' });
      const control = JSON.parse((await cluster.client.get(keys.control('scheduled')))!.value) as Task;
      // The last run may have been paused before its first request.
      expect([control.run, control.run - 1]).toContain(seedRequests());
    },
    LONG_MS,
  );
});

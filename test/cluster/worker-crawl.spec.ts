import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EtcdClient, op } from '@app/etcd';
import { encodeResource, keys } from '@app/resources';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../support/etcd.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { launchWorker, WorkerProcess } from './worker-process.js';

const TTL_MS = 2_000;
const LONG_MS = 60_000;
const PAGES = 60;

/** Workers as processes on one store; the tests write the assignments, as the leader would. */
describeWithEtcd('a worker', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let site: Site;
  let directory: string;
  let workers: WorkerProcess[];

  beforeEach(async () => {
    [etcd, site, directory] = await Promise.all([
      startEtcd(),
      Site.start(PAGES),
      mkdtemp(join(tmpdir(), 'orbweaver-worker-')),
    ]);
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    client.close();
    await Promise.all([etcd.stop(), site.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  async function start(id: string, ...flags: string[]): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start(
      id,
      `--etcd=${etcd.endpoint}`,
      `--register-ttl=${TTL_MS}ms`,
      '--register-interval=300ms',
      `--data-dir=${join(directory, 'data')}`,
      ...flags,
    );
    workers.push(worker);
    return worker;
  }

  /** In one transaction, as the leader does it: off whoever had it, onto this worker, the spec beside it. */
  async function assign(
    worker: WorkerProcess,
    name: string,
    spec?: object,
    from?: WorkerProcess,
  ): Promise<void> {
    const record = encodeResource({
      id: '1621665639791857664',
      name,
      assignedNode: { id: worker.nodeId, address: worker.address },
      creationTime: 1675470192274320000n,
    });
    await client.txn({
      success: [
        op.put(keys.resource(name), record),
        op.put(keys.assignment(worker.nodeId, name), record),
        ...(spec === undefined ? [] : [op.put(keys.spec(name), JSON.stringify(spec))]),
        ...(from === undefined ? [] : [op.delete(keys.assignment(from.nodeId, name))]),
      ],
    });
  }

  const slowly = (): object => ({ seeds: [site.url], delay: '50ms', maxDepth: 20 });
  const quickly = (): object => ({ seeds: [site.url], delay: 0, maxDepth: 20 });

  async function fetched(count: number): Promise<void> {
    await until(() => site.requests.length >= count, {
      what: `${count} pages are fetched`,
      timeoutMs: 20_000,
    });
  }

  async function inState(
    worker: WorkerProcess,
    name: string,
    state: string,
    timeoutMs = 30_000,
  ): Promise<void> {
    await until(async () => (await worker.task(name)).state === state, {
      what: `${name} is ${state} on ${worker.nodeId}`,
      timeoutMs,
    });
  }

  async function claims(): Promise<string[]> {
    const { entries } = await client.range({ prefix: keys.claims });
    return entries.map(({ key, value }) => `${key.slice(keys.claims.length)} ${value}`);
  }

  /** The requests of each process in a row: nobody came in between. */
  function clientsInOrder(): number[] {
    return site.requests.map((request) => request.client).filter((id, index, all) => id !== all[index - 1]);
  }

  it(
    'crawls what is assigned to it, shows it, and does not do it again until it is told something new',
    async () => {
      const worker = await start('1');
      expect((await worker.status()).state).toBe('registered');
      await assign(worker, 'books', quickly());
      await inState(worker, 'books', 'done');
      expect(await worker.task('books')).toMatchObject({
        pagesDone: BigInt(PAGES),
        pagesQueued: 0n,
        pagesFailed: 0n,
      });
      const { pages, nextPageToken } = await worker.pages('books', 50);
      expect(pages[1]).toMatchObject({
        url: site.url.replace(/0$/, '1'),
        status: 200,
        title: 'Page 1',
        depth: 1,
      });
      expect((await worker.pages('books', 50, nextPageToken)).pages).toHaveLength(PAGES - 50);
      expect(worker.logged('receive create resource')).toMatchObject([
        {
          logger: 'worker',
          spec: {
            ID: '1621665639791857664',
            Name: 'books',
            AssignedNode: `${worker.nodeId}|${worker.address}`,
          },
        },
      ]);
      expect(worker.process.lines.join()).toContain('"CreationTime":1675470192274320000}');
      expect(await claims()).toEqual([]);

      await worker.stop();
      const again = await start('1');
      await inState(again, 'books', 'done');
      expect(site.requests).toHaveLength(PAGES);

      await assign(again, 'books', { ...quickly(), maxPages: 5 });
      await until(() => site.requests.length === PAGES + 5, { what: 'it starts over' });
      expect(again.logged('receive update resource')).toHaveLength(1);
      await client.delete(keys.assignment(again.nodeId, 'books'));
      await until(() => again.logged('receive delete resource').length === 1, { what: 'it is told' });
    },
    LONG_MS,
  );

  it(
    'serves what every process serves',
    async () => {
      const worker = await start('1');
      const get = async (path: string) => fetch(`http://${worker.http}${path}`);
      expect((await get('/livez')).status).toBe(200);
      expect((await get('/readyz')).status).toBe(200);
      await assign(worker, 'books', quickly());
      await inState(worker, 'books', 'done');
      const metrics = await (await get('/metrics')).text();
      expect(metrics).toContain('orbweaver_tasks{state="done"} 1');
      expect(metrics).toContain(`orbweaver_pages_total{state="done"} ${PAGES}`);
      const greeting = await fetch(`http://${worker.http}/greeter/hello?name=Bob`, { method: 'POST' });
      expect(await greeting.json()).toEqual({ greeting: 'Hello Bob' });
      await expect(worker.task('nobody')).rejects.toMatchObject({ code: 5, details: 'no such task' });
      await expect(worker.pages('books', 5_000)).rejects.toMatchObject({ code: 3 });
    },
    LONG_MS,
  );

  it(
    'hands a running resource over: the other one starts when this one has stopped, and goes on where it stood',
    async () => {
      const [first, second] = [await start('1'), await start('2')];
      await assign(first, 'books', slowly());
      await fetched(10);
      expect(await claims()).toEqual([`books ${first.nodeId}`]);
      expect((await first.status()).state).toBe('crawling');
      await assign(second, 'books', undefined, first);
      await inState(second, 'books', 'done');
      expect(clientsInOrder()).toHaveLength(2);
      expect(site.repeated.length).toBeLessThanOrEqual(1);
      expect((await second.task('books')).pagesDone).toBe(BigInt(PAGES));
      expect(await claims()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'takes over from one that was killed when that one’s lease is over, without fetching again what was done',
    async () => {
      const [first, second] = [await start('1'), await start('2')];
      await assign(first, 'books', slowly());
      await fetched(15);
      await first.kill();
      await assign(second, 'books', undefined, first);
      await until(async () => (await second.task('books')).reason.includes(`waits for ${first.nodeId}`), {
        what: 'it waits for the claim of the other',
      });
      await inState(second, 'books', 'done');
      expect(clientsInOrder()).toHaveLength(2);
      // What was in flight, and what was not committed within some tens of milliseconds.
      expect(site.repeated.length).toBeLessThanOrEqual(2);
    },
    LONG_MS,
  );

  it(
    'sends nothing after a pause of the whole process that outlived its lease, though its crawl is moved meanwhile',
    async () => {
      const [first, second] = [await start('1'), await start('2')];
      await assign(first, 'books', slowly());
      await fetched(10);
      first.process.signal('SIGSTOP');
      await assign(second, 'books', undefined, first);
      await until(() => clientsInOrder().length === 2, { what: 'the other one crawls', timeoutMs: 15_000 });
      first.process.signal('SIGCONT');
      await inState(second, 'books', 'done');
      expect(clientsInOrder()).toHaveLength(2);
      expect(first.process.exit()).toBeUndefined();
      await until(() => first.logged('registered').length === 2, { what: 'it registers again' });
      expect(await first.status()).toMatchObject({ state: 'registered', assigned: 0, running: 0 });
    },
    LONG_MS,
  );

  it(
    'goes on with its own crawl after such a pause when it was left to it',
    async () => {
      const worker = await start('1');
      await assign(worker, 'books', slowly());
      await fetched(10);
      worker.process.signal('SIGSTOP');
      await until(async () => (await claims()).length === 0, {
        what: 'its lease is over',
        timeoutMs: 15_000,
      });
      const before = site.requests.length;
      worker.process.signal('SIGCONT');
      await inState(worker, 'books', 'done');
      expect(site.requests.length).toBeGreaterThan(before);
      expect(site.repeated.length).toBeLessThanOrEqual(2);
      expect(worker.logged('registered')).toHaveLength(2);
    },
    LONG_MS,
  );

  it(
    'stops crawling before its lease can be over when etcd is gone, stays, and goes on when etcd is back',
    async () => {
      const worker = await start('1');
      await assign(worker, 'books', slowly());
      await fetched(5);
      await etcd.kill();
      const goneAt = performance.now();
      await until(() => worker.logged('task stopped').length === 1, {
        what: 'it stops',
        timeoutMs: TTL_MS + 500,
      });
      const last = site.requests.at(-1)!;
      expect(last.at - goneAt).toBeLessThan(TTL_MS);
      expect((await worker.status()).state).toBe('starting');
      expect((await fetch(`http://${worker.http}/readyz`)).status).toBe(503);
      await etcd.restart();
      await inState(worker, 'books', 'done');
      expect(site.repeated.length).toBeLessThanOrEqual(1);
      expect((await fetch(`http://${worker.http}/readyz`)).status).toBe(200);
    },
    LONG_MS,
  );

  it(
    'waits for an etcd that is not there yet',
    async () => {
      await etcd.kill();
      const starting = start('1');
      const worker = await Promise.race([
        starting,
        until(() => undefined, { what: 'never', timeoutMs: 1_500 }).catch(() => undefined),
      ]);
      expect(worker).toBeUndefined();
      await etcd.restart();
      expect((await (await starting).status()).state).toBe('registered');
    },
    LONG_MS,
  );

  it(
    'runs the task of its own directory for a resource that came by name alone, as soon as there is one',
    async () => {
      const worker = await start('1', `--tasks=${directory}`);
      await assign(worker, 'books');
      await until(async () => (await worker.task('books')).reason.includes('put books.yaml into'), {
        what: 'it says what to do',
      });
      expect((await worker.task('books')).state).toBe('pending');
      await writeFile(join(directory, 'books.yaml'), `seeds:\n  - ${site.url}\ndelay: 0\nmaxDepth: 1\n`);
      await inState(worker, 'books', 'done');
      expect(site.requests).toHaveLength(3);
    },
    LONG_MS,
  );

  it(
    'says of a spec what is wrong with it, and crawls when it is put right',
    async () => {
      const worker = await start('1');
      await assign(worker, 'books', { seed: site.url });
      await inState(worker, 'books', 'failed');
      expect((await worker.task('books')).reason).toContain('is "seeds" meant?');
      await assign(worker, 'books', quickly());
      await inState(worker, 'books', 'done');
    },
    LONG_MS,
  );

  it(
    'runs no more tasks at once than it may, in their order',
    async () => {
      const worker = await start('1', '--max-running=1');
      const names = ['c', 'a', 'b'];
      for (const name of names)
        await assign(worker, name, { seeds: [site.url], delay: '100ms', maxPages: 4 });
      await until(async () => (await worker.task('a')).reason === 'waits for its turn', { what: 'a waits' });
      await inState(worker, 'b', 'done');
      expect(worker.logged('task started').map(({ task }) => task)).toEqual(names);
      expect(worker.logged('task done').map(({ task }) => task)).toEqual(names);
    },
    LONG_MS,
  );

  it(
    'takes up many resources at once, each claimed once',
    async () => {
      const worker = await start('1');
      const names = Array.from({ length: 300 }, (_, index) => `task-${index}`);
      await Promise.all(
        names.map((name) => assign(worker, name, { seeds: [site.url], delay: 0, maxPages: 1 })),
      );
      await until(
        async () => (await client.count(keys.claims)) === 0 && worker.logged('task done').length === 300,
        {
          what: 'all are done',
          timeoutMs: 30_000,
        },
      );
      expect(site.requests).toHaveLength(300);
    },
    LONG_MS,
  );

  it(
    'leaves in order when it is asked to: crawls stopped, claims and registration gone, exit code 0',
    async () => {
      const worker = await start('1', '--register-ttl=60s', '--register-interval=15s');
      await assign(worker, 'books', slowly());
      await fetched(10);
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect(await claims()).toEqual([]);
      expect(await client.count('/micro/registry/')).toBe(0);
      const states = worker.logged('state').map(({ state }) => state);
      expect(states.slice(-3)).toEqual(['draining', 'stopped'].toSpliced(0, 0, states.at(-3)!));
      const second = await start('2');
      await assign(second, 'books', undefined, worker);
      await inState(second, 'books', 'done');
      expect(site.repeated.length).toBeLessThanOrEqual(1);
    },
    LONG_MS,
  );
});

describe('a worker with no cluster', () => {
  let site: Site;
  let directory: string;
  beforeEach(async () => {
    site = await Site.start(PAGES);
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-worker-'));
  });
  afterEach(async () => {
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const runAlone = (...flags: string[]) =>
    launchWorker('--cluster=false', `--data-dir=${join(directory, 'data')}`, ...flags);

  it(
    'runs the tasks of its file and ends when they are done; a second time it has nothing to do',
    async () => {
      const config = join(directory, 'worker.toml');
      await writeFile(
        config,
        `[[tasks]]\nname = "books"\nseeds = ["${site.url}"]\ndelay = "0s"\nmaxDepth = 20\n`,
      );
      for (const _ of [1, 2]) {
        const worker = await runAlone(`--config=${config}`);
        expect(await worker.exited).toEqual({ code: 0, signal: null });
        expect(worker.lines.join('\n')).toMatch(/"msg":"task done","task":"books","done":60/);
      }
      expect(site.requests).toHaveLength(PAGES);
    },
    LONG_MS,
  );

  it(
    'goes on in another process where it was killed',
    async () => {
      await writeFile(join(directory, 'books.yaml'), `{ seeds: ["${site.url}"], delay: 30ms, maxDepth: 20 }`);
      const first = await runAlone(`--tasks=${directory}`);
      await until(() => site.requests.length >= 20, { what: '20 pages are fetched', timeoutMs: 20_000 });
      await first.kill();
      const second = await runAlone(`--tasks=${directory}`);
      expect(await second.exited).toEqual({ code: 0, signal: null });
      expect(site.repeated.length).toBeLessThanOrEqual(2);
    },
    LONG_MS,
  );

  it(
    'ends with 1 and says why when a task is wrong, or when there is none',
    async () => {
      const none = await runAlone();
      expect((await none.exited).code).toBe(1);
      expect(none.lines.join()).toContain('there is no task');
      await writeFile(join(directory, 'odd.json'), '{ "seeds": "x" }');
      const wrong = await runAlone(`--tasks=${directory}`);
      expect((await wrong.exited).code).toBe(1);
      expect(wrong.lines.join()).toContain('seeds: expected a list of URLs');
    },
    LONG_MS,
  );

  it(
    'tells every fault of its settings and ends with 2',
    async () => {
      const worker = await launchWorker(
        '--store=postgres://me:secret@db/x',
        '--max-running=0',
        '--colour=red',
      );
      expect((await worker.exited).code).toBe(2);
      const text = worker.lines.join('\n');
      for (const part of ['--store', 'sqlite:PATH', '--max-running', '--colour'])
        expect(text).toContain(part);
      expect(text).not.toContain('secret');
    },
    LONG_MS,
  );
});

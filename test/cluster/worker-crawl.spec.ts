import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { EtcdClient, op } from '@app/etcd';
import type { worker as proto } from '@app/proto';
import { encodeResource, keys } from '@app/resources';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { launchWorker, WorkerProcess } from './worker-process.js';

const TTL_MS = 5_000;
/** Of a worker whose end is waited for. */
const SHORT_LEASE = [`--register-ttl=${TTL_MS}ms`, '--register-interval=1s'];
const LONG_MS = 180_000;
const PAGES = 40;

/** Workers as processes on one store; the tests write the assignments, as the leader would. */
class World {
  readonly client: EtcdClient;
  private workers: WorkerProcess[] = [];
  private data = 0;

  private constructor(
    readonly etcd: EtcdServer,
    readonly site: Site,
    readonly directory: string,
  ) {
    this.client = new EtcdClient({ endpoints: [etcd.endpoint] });
  }

  static async make(): Promise<World> {
    const directory = mkdtemp(join(tmpdir(), 'orbweaver-worker-'));
    return new World(...(await Promise.all([startEtcd(), Site.start(PAGES), directory])));
  }

  /** As it was at the beginning: no workers, nothing in etcd, another store. */
  async clear(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.workers = [];
    this.data++;
    this.site.forget();
    this.site.answerInMs = 0;
    await this.client.txn({ success: [op.deletePrefix('/')] });
  }

  async remove(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.client.close();
    await Promise.all([this.etcd.stop(), this.site.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }

  async start(id: string, ...flags: string[]): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start(
      id,
      `--etcd=${this.etcd.endpoint}`,
      '--gate-lease=4s',
      `--data-dir=${join(this.directory, `data-${this.data}`)}`,
      '--allow-private',
      ...flags,
    );
    this.workers.push(worker);
    return worker;
  }

  /** In one transaction, as the leader does it: off whoever had it, onto this worker, the spec beside it. */
  async assign(worker: WorkerProcess, name: string, spec?: object, from?: WorkerProcess): Promise<void> {
    const record = encodeResource({
      id: '1621665639791857664',
      name,
      assignedNode: { id: worker.nodeId, address: worker.address },
      creationTime: 1675470192274320000n,
    });
    await this.client.txn({
      success: [
        op.put(keys.resource(name), record),
        op.put(keys.assignment(worker.nodeId, name), record),
        ...(spec === undefined ? [] : [op.put(keys.spec(name), JSON.stringify(spec))]),
        ...(from === undefined ? [] : [op.delete(keys.assignment(from.nodeId, name))]),
      ],
    });
  }

  /** So that it goes on until `hurry`. */
  slowly(): object {
    this.site.answerInMs = 400;
    return { seeds: [this.site.url], delay: '20ms', maxDepth: 20 };
  }

  hurry(): void {
    this.site.answerInMs = 0;
  }

  quickly(): object {
    return { seeds: [this.site.url], delay: 0, maxDepth: 20 };
  }

  async fetched(count: number): Promise<void> {
    await until(() => this.site.requests.length >= count, { what: `${count} pages are fetched` });
  }

  /** Paths of the pages that the store has, at least so many. */
  async stored(worker: WorkerProcess, name: string, count: number): Promise<string[]> {
    return until(
      async () => {
        const { pages } = await worker.pages(name);
        return pages.length >= count && pages.map(({ url }) => new URL(url).pathname);
      },
      { what: `${count} pages of ${name} are stored` },
    );
  }

  async inState(worker: WorkerProcess, name: string, state: string): Promise<void> {
    await until(async () => (await worker.task(name)).state === state, {
      what: `${name} is ${state} on ${worker.nodeId}`,
      timeoutMs: 60_000,
    });
  }

  async unclaimed(): Promise<void> {
    await until(async () => (await this.claims()).length === 0, { what: 'nothing is claimed' });
  }

  async claims(): Promise<string[]> {
    const { entries } = await this.client.range({ prefix: keys.claims });
    return entries.map(({ key, value }) => `${key.slice(keys.claims.length)} ${value}`);
  }

  /** The requests of each process in a row: nobody came in between. */
  clientsInOrder(): number[] {
    const clients = this.site.requests.map(({ client }) => client);
    return clients.filter((client, index) => client !== clients[index - 1]);
  }
}

describe('a worker', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.make();
  }, LONG_MS);
  afterEach(() => world.clear(), LONG_MS);
  afterAll(() => world.remove());

  it(
    'crawls what is assigned to it, shows it, and does not do it again until it is told something new',
    async () => {
      const worker = await world.start('1');
      expect((await worker.status()).state).toBe('registered');
      await world.assign(worker, 'books', world.quickly());
      await world.inState(worker, 'books', 'done');
      expect(await worker.task('books')).toMatchObject({
        pagesDone: BigInt(PAGES),
        pagesQueued: 0n,
        pagesFailed: 0n,
      });
      const { pages, nextPageToken } = await worker.pages('books', 25);
      expect(pages[1]).toMatchObject({
        url: world.site.url.replace(/0$/, '1'),
        status: 200,
        title: 'Page 1',
        depth: 1,
      });
      expect((await worker.pages('books', 25, nextPageToken)).pages).toHaveLength(PAGES - 25);
      await until(() => worker.logged('receive create resource').length > 0, { what: 'it tells of it' });
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
      await world.unclaimed();

      await worker.stop();
      const again = await world.start('1');
      await world.inState(again, 'books', 'done');
      expect(world.site.requests).toHaveLength(PAGES);

      await world.assign(again, 'books', { ...world.quickly(), maxPages: 5 });
      await until(() => world.site.requests.length === PAGES + 5, { what: 'it starts over' });
      await until(() => again.logged('receive update resource').length === 1, { what: 'it tells of it' });
      await world.client.delete(keys.assignment(again.nodeId, 'books'));
      await until(() => again.logged('receive delete resource').length === 1, { what: 'it is told' });
    },
    LONG_MS,
  );

  it(
    'hands a running resource over: the other one starts when this one has stopped, and goes on where it stood',
    async () => {
      const [first, second] = await Promise.all([world.start('1'), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      await world.fetched(5);
      expect(await world.claims()).toEqual([`books ${first.nodeId}`]);
      expect((await first.status()).state).toBe('crawling');
      await world.assign(second, 'books', undefined, first);
      await until(() => world.clientsInOrder().length === 2, { what: 'the other one crawls' });
      world.hurry();
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(world.site.repeated.length).toBeLessThanOrEqual(1);
      expect((await second.task('books')).pagesDone).toBe(BigInt(PAGES));
      await world.unclaimed();
    },
    LONG_MS,
  );

  it(
    'takes over from one that was killed when that one’s lease is over, without fetching again what was done',
    async () => {
      const [first, second] = await Promise.all([world.start('1', ...SHORT_LEASE), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      const stored = await world.stored(first, 'books', 5);
      await first.kill();
      world.hurry();
      await world.assign(second, 'books', undefined, first);
      await until(async () => (await second.task('books')).reason.includes(`waits for ${first.nodeId}`), {
        what: 'it waits for the claim of the other',
      });
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(world.site.repeatedOf(stored)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'sends nothing after a pause of the whole process that outlived its lease, though its crawl is moved meanwhile',
    async () => {
      const [first, second] = await Promise.all([world.start('1', ...SHORT_LEASE), world.start('2')]);
      await world.assign(first, 'books', world.slowly());
      await world.fetched(5);
      first.process.signal('SIGSTOP');
      await world.assign(second, 'books', undefined, first);
      await until(() => world.clientsInOrder().length === 2, { what: 'the other one crawls' });
      first.process.signal('SIGCONT');
      await until(() => first.logged('registered').length === 2, { what: 'it registers again' });
      await until(
        async () => {
          expect(await first.status()).toMatchObject({ state: 'registered', assigned: 0, running: 0 });
          return true;
        },
        { what: 'it has nothing to do' },
      );
      world.hurry();
      await world.inState(second, 'books', 'done');
      expect(world.clientsInOrder()).toHaveLength(2);
      expect(first.process.exit()).toBeUndefined();
    },
    LONG_MS,
  );

  it(
    'goes on with its own crawl after such a pause when it was left to it',
    async () => {
      const worker = await world.start('1', ...SHORT_LEASE);
      await world.assign(worker, 'books', world.slowly());
      const stored = await world.stored(worker, 'books', 5);
      worker.process.signal('SIGSTOP');
      await world.unclaimed();
      const before = world.site.requests.length;
      world.hurry();
      worker.process.signal('SIGCONT');
      await until(() => worker.logged('registered').length === 2, { what: 'it registers again' });
      await world.inState(worker, 'books', 'done');
      expect(world.site.requests.length).toBeGreaterThan(before);
      expect(world.site.repeatedOf(stored)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'stops crawling before its lease can be over when etcd is gone, stays, and goes on when etcd is back',
    async () => {
      const worker = await world.start('1', ...SHORT_LEASE);
      await world.assign(worker, 'books', world.slowly());
      const stored = await world.stored(worker, 'books', 3);
      await world.etcd.kill();
      const goneAt = performance.now();
      await until(() => worker.logged('task stopped').length === 1, { what: 'it stops' });
      const last = world.site.requests.at(-1)!;
      expect(last.at - goneAt).toBeLessThan(TTL_MS);
      expect(world.site.requests.length).toBeLessThan(PAGES);
      await until(async () => (await worker.status()).state === 'starting', { what: 'it starts anew' });
      expect((await fetch(`http://${worker.http}/readyz`)).status).toBe(503);
      world.hurry();
      await world.etcd.restart();
      await world.inState(worker, 'books', 'done');
      expect(world.site.repeatedOf(stored)).toEqual([]);
      await until(async () => (await fetch(`http://${worker.http}/readyz`)).ok, {
        what: 'it is ready again',
      });
    },
    LONG_MS,
  );

  it(
    'waits for an etcd that is not there yet',
    async () => {
      await world.etcd.kill();
      const starting = world.start('1');
      const worker = await Promise.race([
        starting,
        until(() => undefined, { what: 'never', timeoutMs: 1_500 }).catch(() => undefined),
      ]);
      expect(worker).toBeUndefined();
      await world.etcd.restart();
      expect((await (await starting).status()).state).toBe('registered');
    },
    LONG_MS,
  );

  it(
    'runs no more tasks at once than it may, in their order',
    async () => {
      const worker = await world.start('1', '--max-running=1');
      const names = ['c', 'a', 'b'];
      for (const name of names) await world.assign(worker, name, { ...world.slowly(), maxPages: 10 });
      await until(async () => (await worker.task('a')).reason === 'waits for its turn', { what: 'a waits' });
      world.hurry();
      await until(() => worker.logged('task done').length === names.length, { what: 'all are done' });
      expect(worker.logged('task started').map(({ task }) => task)).toEqual(names);
      expect(worker.logged('task done').map(({ task }) => task)).toEqual(names);
    },
    LONG_MS,
  );

  it(
    'leaves in order when it is asked to: crawls stopped, claims and registration gone, exit code 0',
    async () => {
      const worker = await world.start('1');
      await world.assign(worker, 'books', world.slowly());
      await world.fetched(5);
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect(world.site.requests.length).toBeLessThan(PAGES);
      world.hurry();
      expect(await world.claims()).toEqual([]);
      expect(await world.client.count('/micro/registry/')).toBe(0);
      const states = worker.logged('state').map(({ state }) => state);
      expect(states.slice(-2)).toEqual(['draining', 'stopped']);
      const second = await world.start('2');
      await world.assign(second, 'books', undefined, worker);
      await world.inState(second, 'books', 'done');
      expect(world.site.repeated.length).toBeLessThanOrEqual(1);
      const said = (await second.log('books')).map(({ nodeId, message, fields }) => {
        return `${nodeId === worker.nodeId ? 'first' : 'second'}: ${message} ${fields}`;
      });
      expect(said.filter((line) => /taken up|stopped \{/.test(line))).toEqual([
        'first: taken up {"run":1}',
        'first: stopped {"reason":"the worker that had it is stopping"}',
        'second: taken up {"run":1}',
      ]);
      expect((await second.status()).store).toMatchObject({ kind: 'sqlite', ok: true, reason: '' });
      expect((await second.status()).store?.commitMs).toBeGreaterThan(0);
    },
    LONG_MS,
  );
});

describe('a worker that stays', () => {
  let world: World;
  let worker: WorkerProcess;
  beforeAll(async () => {
    world = await World.make();
    worker = await world.start('1', `--tasks=${world.directory}`);
  }, LONG_MS);
  afterAll(() => world.remove());
  beforeEach(() => {
    world.site.forget();
  });

  it(
    'serves what every process serves',
    async () => {
      const get = async (path: string) => fetch(`http://${worker.http}${path}`);
      expect((await get('/livez')).status).toBe(200);
      expect((await get('/readyz')).status).toBe(200);
      await world.assign(worker, 'books', world.quickly());
      await world.inState(worker, 'books', 'done');
      await until(
        async () => {
          const metrics = await (await get('/metrics')).text();
          expect(metrics).toContain('orbweaver_tasks{state="done"} 1');
          expect(metrics).toContain(`orbweaver_pages_total{state="done"} ${PAGES}`);
          expect(metrics).toContain(`orbweaver_items_total ${PAGES}`);
          expect(metrics).toMatch(/orbweaver_fetch_seconds_count\{outcome="answer"\} 4[01]/);
          expect(metrics).toMatch(/orbweaver_store_ack_seconds_count [1-9]/);
          expect(metrics).toContain('orbweaver_frontier_pages 0');
          return true;
        },
        { what: 'all is counted' },
      );
      const greeting = await fetch(`http://${worker.http}/greeter/hello?name=Bob`, { method: 'POST' });
      expect(await greeting.json()).toEqual({ greeting: 'Hello Bob' });
      await expect(worker.task('nobody')).rejects.toMatchObject({ code: 5, details: 'no such task' });
      await expect(worker.pages('books', 5_000)).rejects.toMatchObject({ code: 3 });
    },
    LONG_MS,
  );

  it(
    'runs the task of its own directory for a resource that came by name alone, as soon as there is one',
    async () => {
      await world.assign(worker, 'local');
      await until(async () => (await worker.task('local')).reason.includes('put local.yaml into'), {
        what: 'it says what to do',
      });
      expect((await worker.task('local')).state).toBe('pending');
      await writeFile(
        join(world.directory, 'local.yaml'),
        `seeds:\n  - ${world.site.url}\ndelay: 0\nmaxDepth: 1\n`,
      );
      await world.inState(worker, 'local', 'done');
      expect(world.site.requests).toHaveLength(3);
    },
    LONG_MS,
  );

  it(
    'says of a spec what is wrong with it, and crawls when it is put right',
    async () => {
      await world.assign(worker, 'wrong', { seed: world.site.url });
      await world.inState(worker, 'wrong', 'failed');
      expect((await worker.task('wrong')).reason).toContain('is "seeds" meant?');
      await world.assign(worker, 'wrong', world.quickly());
      await world.inState(worker, 'wrong', 'done');
    },
    LONG_MS,
  );

  it(
    'exports what a crawl has found, names the file first, and lets go of a caller that has seen enough',
    async () => {
      await world.assign(worker, 'given', world.quickly());
      await world.inState(worker, 'given', 'done');
      const chunks: proto.ExportChunk[] = [];
      for await (const chunk of worker.export('given', 'csv')) chunks.push(chunk as proto.ExportChunk);
      const [head, ...parts] = chunks;
      expect(head).toMatchObject({ fileName: 'given.csv', contentType: expect.stringContaining('text/csv') });
      const file = Buffer.concat(parts.map(({ data }) => data)).toString();
      expect(file.split('\r\n')).toHaveLength(PAGES + 2);
      const cut = worker.export('given', 'json');
      cut.once('data', () => cut.cancel());
      // All of it may have come before it is cancelled.
      await once(cut, 'end').catch((error: unknown) =>
        expect(error).toMatchObject({ code: status.CANCELLED }),
      );
      await expect(once(worker.export('nobody', 'csv'), 'end')).rejects.toMatchObject({
        code: status.NOT_FOUND,
      });
      expect((await worker.status()).state).toBe('registered');
    },
    LONG_MS,
  );

  it(
    'takes up many resources at once, each claimed once',
    async () => {
      const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
      const taken = () =>
        worker.logged('task done').filter(({ task }) => String(task).startsWith('many-')).length;
      await Promise.all(
        names.map((name) => world.assign(worker, name, { seeds: [world.site.url], delay: 0, maxPages: 1 })),
      );
      await until(
        async () =>
          (await world.client.count(keys.claims)) === 0 &&
          (await worker.status()).running === 0 &&
          taken() === 300,
        {
          what: 'all are done',
          timeoutMs: 60_000,
        },
      );
      expect(world.site.requests).toHaveLength(300);
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
    launchWorker(
      '--cluster=false',
      '--allow-private',
      '--gate-lease=4s',
      `--data-dir=${join(directory, 'data')}`,
      ...flags,
    );

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
        expect(worker.lines.join('\n')).toMatch(/"msg":"task done","task":"books","done":40/);
      }
      expect(site.requests).toHaveLength(PAGES);
    },
    LONG_MS,
  );

  it(
    'goes on in another process where it was killed',
    async () => {
      await writeFile(join(directory, 'books.yaml'), `{ seeds: ["${site.url}"], delay: 20ms, maxDepth: 20 }`);
      site.answerInMs = 150;
      const first = await runAlone(`--tasks=${directory}`);
      await until(() => site.requests.length >= 20, { what: '20 pages are fetched' });
      await first.kill();
      site.answerInMs = 0;
      const second = await runAlone(`--tasks=${directory}`);
      expect(await second.exited).toEqual({ code: 0, signal: null });
      // What was in flight, and what was not in the store yet; from the beginning it would be twenty.
      expect(site.repeated.length).toBeLessThan(10);
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
      expect(wrong.lines.join()).toContain('seeds: expected an http or https URL');
    },
    LONG_MS,
  );

  it(
    'tells every fault of its settings and ends with 2',
    async () => {
      const worker = await launchWorker('--store=mysql://me:secret@db/x', '--max-running=0', '--colour=red');
      expect((await worker.exited).code).toBe(2);
      const text = worker.lines.join('\n');
      for (const part of ['--store', 'sqlite:PATH', '--max-running', '--colour'])
        expect(text).toContain(part);
      expect(text).not.toContain('secret');
    },
    LONG_MS,
  );
});

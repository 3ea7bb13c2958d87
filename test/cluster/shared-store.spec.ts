import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { describeWithPostgres, startPostgres, type PostgresServer } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import { Site } from '../support/site.js';
import { settled, until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 40;
const RULES = { page: { follow: 'a', fields: { title: 'title' } } };

interface TaskView {
  state: string;
  reason: string;
  pagesDone: string;
  pagesFailed: string;
  items: string;
  run: number;
}

/** A master and workers as processes, and a site for them. Each worker has a disk of its own; the store is theirs all. */
class World {
  readonly workers = new Map<string, WorkerProcess>();

  private constructor(
    readonly cluster: Cluster,
    readonly master: MasterProcess,
    readonly site: Site,
    readonly directory: string,
    private readonly store: string,
  ) {}

  /** With a leader, and with workers of these ids. */
  static async make(storeIn: (directory: string) => Promise<string>, ...ids: string[]): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'orbweaver-shared-'));
    const [cluster, site, store] = await Promise.all([
      Cluster.start(),
      Site.start(PAGES),
      storeIn(directory),
    ]);
    const workers = launch(cluster, directory, store, ids);
    const master = await cluster.master('1');
    await cluster.leader();
    const world = new World(cluster, master, site, directory, store);
    await world.join(await workers);
    return world;
  }

  async remove(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.kill()));
    await this.cluster.stop();
    await this.site.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Another worker, when it is known to the master. */
  async start(id: string): Promise<void> {
    await this.join(await launch(this.cluster, this.directory, this.store, [id]));
  }

  private async join(workers: readonly WorkerProcess[]): Promise<void> {
    for (const worker of workers) this.workers.set(worker.nodeId, worker);
    await this.cluster.workersKnown(this.master, this.workers.size);
  }

  async add(name: string, settings: object): Promise<void> {
    const spec = { seeds: [this.site.url], rules: RULES, maxDepth: 20, ...settings };
    expect((await this.master.rest('POST', '/crawler/resource', { name, spec })).status).toBe(200);
  }

  async task(name: string): Promise<TaskView> {
    const { body } = await this.master.rest('GET', `/crawler/resource/${name}`);
    return body['task'] as TaskView;
  }

  inState(name: string, state: string): Promise<TaskView> {
    return this.becomes(name, { state });
  }

  becomes(name: string, wanted: Partial<TaskView>): Promise<TaskView> {
    return until(
      async () => {
        const task = await this.task(name);
        return (
          Object.entries(wanted).every(([key, value]) => task?.[key as keyof TaskView] === value) && task
        );
      },
      { what: `${name} becomes ${JSON.stringify(wanted)}`, timeoutMs: 60_000, everyMs: 50 },
    );
  }

  async fetched(count: number): Promise<void> {
    await until(() => this.site.requests.length >= count, {
      what: `${count} pages are fetched`,
    });
  }

  /** Paths of the pages that the store has, at least so many. */
  async stored(name: string, count: number): Promise<string[]> {
    return until(
      async () => {
        const { body } = await this.master.rest('GET', `/crawler/resource/${name}/pages?page_size=1000`);
        const pages = (body['pages'] ?? []) as { url: string }[];
        return pages.length >= count && pages.map(({ url }) => new URL(url).pathname);
      },
      { what: `${count} pages of ${name} are stored` },
    );
  }

  /** `kill -9` for the worker that has the task. */
  async killOwner(name: string): Promise<void> {
    const { body } = await this.master.rest('GET', `/crawler/resource/${name}`);
    const worker = this.workers.get(body['nodeId'] as string);
    if (worker === undefined) throw new Error(`nobody has ${name}`);
    await worker.kill();
    this.workers.delete(worker.nodeId);
  }

  /** The command line against this cluster; gives what it printed. */
  async orbweaver(...argv: string[]): Promise<string> {
    const command = await startProcess(process.execPath, [
      'bin/orbweaver.js',
      ...argv,
      `--server=http://${this.master.http}`,
    ]);
    const { code } = await settled(command.exited, { what: argv.join(' ') });
    expect([code, command.lines]).toEqual([0, expect.anything()]);
    return command.lines.join('\n');
  }
}

function launch(
  cluster: Cluster,
  directory: string,
  store: string,
  ids: readonly string[],
): Promise<WorkerProcess[]> {
  const flags = [
    `--etcd=${cluster.etcd.endpoint}`,
    '--register-ttl=4s',
    '--register-interval=1s',
    '--gate-lease=4s',
    `--store=${store}`,
    '--allow-private',
  ];
  return Promise.all(
    ids.map((id) => WorkerProcess.start(id, ...flags, `--data-dir=${join(directory, `disk-${id}`)}`)),
  );
}

function sharing(storeIn: (directory: string) => Promise<string>): void {
  let world: World;
  beforeAll(async () => {
    world = await World.make(storeIn, '1', '2', '3');
  }, LONG_MS);
  afterAll(() => world.remove(), LONG_MS);

  it(
    'go on where a worker stood that was killed: no page is lost, no item doubled, none fetched again that was stored',
    async () => {
      world.site.answerInMs = 150;
      await world.add('books', { delay: '20ms' });
      const stored = await world.stored('books', 10);
      await world.killOwner('books');
      world.site.answerInMs = 0;
      const task = await world.inState('books', 'done');
      expect(task).toMatchObject({ pagesDone: String(PAGES), items: String(PAGES), pagesFailed: '0' });
      expect(world.site.repeatedOf(stored)).toEqual([]);
      const file = join(world.directory, 'books.jsonl');
      await world.orbweaver('results', 'books', `--output=${file}`);
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      const titles = lines.map((line) => (JSON.parse(line) as { title: string }).title);
      const expected = Array.from({ length: PAGES }, (_, page) => `Page ${page}`);
      expect([...titles].sort()).toEqual([...expected].sort());
    },
    LONG_MS,
  );

  it(
    'never ask a host sooner than the delay says, with five tasks on three of them, one of which is killed',
    async () => {
      await world.start('4');
      world.site.forget();
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const name of names) await world.add(name, { delay: '60ms', maxPages: 12 });
      await world.fetched(20);
      await world.killOwner('a');
      for (const name of names) await world.inState(name, 'done');
      expect(world.site.requests.length).toBeGreaterThanOrEqual(5 * 12);
      expect(world.site.shortestGapMs).toBeGreaterThanOrEqual(60);
    },
    LONG_MS,
  );
}

describe('workers of one machine that share a SQLite file', () => {
  sharing(async (directory) => `sqlite:${join(directory, 'shared.db')}`);
});

describeWithPostgres('workers without a disk in common that share PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, LONG_MS);
  afterAll(() => postgres.stop());
  sharing(() => postgres.createDatabase());
});

describe('a task, by the command line', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.make(async (directory) => `sqlite:${join(directory, 'shared.db')}`, '1');
  }, LONG_MS);
  afterAll(() => world.remove(), LONG_MS);
  beforeEach(() => {
    world.site.status = () => 200;
    world.site.answerInMs = 0;
    world.site.forget();
  });

  it(
    'stops when it is paused, and goes on where it stood when it is resumed',
    async () => {
      world.site.answerInMs = 500;
      await world.add('pausing', { delay: '20ms' });
      await world.fetched(3);
      await world.orbweaver('pause', 'pausing');
      const { pagesDone } = await world.inState('pausing', 'paused');
      world.site.answerInMs = 0;
      const count = world.site.requests.length;
      expect(await world.orbweaver('get', 'pausing')).toMatch(/State +paused/);
      // Whatever still ran would have shown.
      await world.add('meanwhile', { delay: '50ms', maxPages: 5 });
      await world.inState('meanwhile', 'done');
      expect(world.site.requests.length).toBeLessThanOrEqual(count + 6);
      expect((await world.task('pausing')).pagesDone).toBe(pagesDone);
      await world.orbweaver('resume', 'pausing');
      expect(await world.inState('pausing', 'done')).toMatchObject({ pagesDone: String(PAGES) });
    },
    LONG_MS,
  );

  it(
    'tells which pages failed and why, tries them again, and begins a new run',
    async () => {
      world.site.status = (path) => (path === '/7' ? 500 : 200);
      await world.add('failing', { delay: 0, retries: { max: 1, delay: '10ms' } });
      await world.inState('failing', 'done');
      const failures = await world.orbweaver('failures', 'failing');
      expect(failures).toMatch(/\/7 +page +500 +2 +\S+ +.*500/);
      world.site.status = () => 200;
      await world.orbweaver('retry', 'failing');
      const whole = { state: 'done', pagesDone: String(PAGES), pagesFailed: '0', items: String(PAGES) };
      await world.becomes('failing', whole);
      const before = world.site.requests.length;
      await world.orbweaver('restart', 'failing');
      await world.becomes('failing', { state: 'done', run: 2 });
      expect(world.site.requests.length).toBeGreaterThan(before);
      await world.orbweaver('restart', 'failing', '--from-scratch');
      await world.becomes('failing', { ...whole, run: 1 });
      expect(world.site.requests.length).toBeGreaterThan(before + PAGES);
    },
    LONG_MS,
  );

  it(
    'gives its items as a table, and as files of every kind',
    async () => {
      await world.add('giving', { delay: 0 });
      await world.inState('giving', 'done');
      expect(await world.orbweaver('results', 'giving', '--limit=3')).toMatch(/^TITLE +URL\nPage 0 +http/);
      const file = async (kind: string) => {
        const path = join(world.directory, `items.${kind}`);
        await world.orbweaver('results', 'giving', `--output=${path}`);
        return readFile(path);
      };
      expect(JSON.parse((await file('json')).toString())).toHaveLength(PAGES);
      expect((await file('csv')).toString().split('\r\n')).toHaveLength(PAGES + 2);
      const parquet = await file('parquet');
      const rows = await parquetReadObjects({
        file: parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length),
      });
      expect(rows).toHaveLength(PAGES);
      expect(rows[0]).toMatchObject({ title: 'Page 0', _url: world.site.url, _rule: 'page', _run: 1n });
    },
    LONG_MS,
  );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../support/process.js';
import { Site } from '../support/site.js';
import { settled, until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

export const PAGES = 40;
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
export class World {
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

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EtcdClient, op } from '@app/etcd';
import { encodeResource, keys } from '@app/resources';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { WorkerProcess } from './worker-process.js';

export const TTL_MS = 5_000;
/** Of a worker whose end is waited for. */
export const SHORT_LEASE = [`--register-ttl=${TTL_MS}ms`, '--register-interval=1s'];
export const PAGES = 40;

/** Workers as processes on one store; the tests write the assignments, as the leader would. */
export class World {
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

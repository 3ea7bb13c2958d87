import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { op } from '@app/etcd';
import type { worker as proto } from '@app/proto';
import { nodeId, WORKER_SERVICE } from '@app/registry';
import { encodeResource, keys } from '@app/resources';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const MANY = 10_000;
const PUTS = 100;
const ID = '1';
const NODE = nodeId(WORKER_SERVICE, ID);

/** Puts together what a worker tells of its tasks. */
class Follower {
  readonly states = new Map<string, proto.TaskStatus>();
  /** One by one, as they came. */
  readonly told: proto.TaskStatus[] = [];
  isSynced = false;
  largest = 0;
  readonly #stream;

  constructor(worker: WorkerProcess) {
    this.#stream = worker.watchTasks();
    this.#stream.on('data', ({ tasks, gone, synced }: proto.TaskChanges) => {
      this.largest = Math.max(this.largest, tasks.length);
      this.told.push(...tasks);
      for (const task of tasks) this.states.set(task.name, task);
      for (const name of gone) this.states.delete(name);
      this.isSynced ||= synced;
    });
    this.#stream.on('error', () => {
      // Cancelled, at the end of the test.
    });
  }

  /** Takes nothing until `resume`. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    this.#stream.cancel();
  }
}

describe('what a worker tells of the tasks that are assigned to it', () => {
  let cluster: Cluster;
  let directory: string;
  let worker: WorkerProcess | undefined;
  let followers: Follower[];
  beforeEach(async () => {
    cluster = await Cluster.start();
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-board-'));
    followers = [];
  }, LONG_MS);
  afterEach(async () => {
    for (const follower of followers) follower.close();
    await worker?.kill();
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }, LONG_MS);

  const start = async (): Promise<void> => {
    worker = await WorkerProcess.start(
      ID,
      `--etcd=${cluster.etcd.endpoint}`,
      `--data-dir=${directory}`,
      '--allow-private',
    );
  };

  const follow = (): Follower => {
    const follower = new Follower(worker!);
    followers.push(follower);
    return follower;
  };

  async function assign(names: readonly string[], spec?: object): Promise<void> {
    for (let from = 0; from < names.length; from += PUTS) {
      await cluster.client.txn({
        success: names.slice(from, from + PUTS).flatMap((name) => {
          const record = {
            id: '1',
            name,
            assignedNode: { id: NODE, address: '127.0.0.1:1' },
            creationTime: 1n,
          };
          const put = op.put(keys.assignment(NODE, name), encodeResource(record));
          return spec === undefined ? [put] : [op.put(keys.spec(name), JSON.stringify(spec)), put];
        }),
      });
    }
  }

  it(
    'is all of ten thousand of them, to each who follows, however slowly, then each change',
    async () => {
      await start();
      const [first, slow] = [follow(), follow()];
      await until(() => first.isSynced && slow.isSynced, { what: 'both know that there is none' });
      slow.pause();
      await assign(Array.from({ length: MANY }, (_, index) => `task-${index}`));
      const late = follow();
      const rest = ({ states, isSynced }: Follower): boolean =>
        isSynced &&
        states.size === MANY &&
        [...states.values()].every(({ reason }) => reason.includes('no spec'));
      for (const follower of [first, late]) {
        await until(() => rest(follower), {
          what: 'all are known to have no spec',
          timeoutMs: 60_000,
          everyMs: 100,
        });
      }
      expect(Math.max(first.largest, late.largest)).toBeLessThanOrEqual(500);
      await cluster.client.delete(keys.assignment(NODE, 'task-7'));
      await until(() => !first.states.has('task-7'), { what: 'the change is told' });
      slow.resume();
      await until(() => slow.states.size === MANY - 1 && !slow.states.has('task-7'), {
        what: 'the slow one knows all',
        timeoutMs: 60_000,
      });
    },
    LONG_MS,
  );

  it(
    'are figures of what runs, each second, and in the end what came of it',
    async () => {
      const site = await Site.start(30);
      site.answerInMs = 300;
      try {
        await start();
        const follower = follow();
        await assign(['books'], {
          seeds: [site.url],
          rules: { page: { follow: 'a' } },
          maxDepth: 30,
          delay: '20ms',
        });
        const figures = (): Set<bigint> =>
          new Set(follower.told.flatMap(({ state, pagesDone }) => (state === 'running' ? [pagesDone] : [])));
        await until(() => figures().size > 2, { what: 'figures are told while it runs' });
        site.answerInMs = 0;
        await until(() => follower.told.at(-1)?.state === 'done', { what: 'it is done' });
        expect(follower.told.at(-1)?.pagesDone).toBe(30n);
      } finally {
        await site.stop();
      }
    },
    LONG_MS,
  );
});

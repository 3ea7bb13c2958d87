import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CrawlStore, StoredLogLine } from '@app/crawl';
import { openCrawlStore } from '@app/storage';
import { startProcess, type RunningProcess } from '../support/process.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import { SHORT_TERM, type MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 60;

interface ToldLine {
  number: string;
  message: string;
}

describe('orbweaver logs --follow', () => {
  let directory: string;
  let cluster: Cluster;
  let masters: MasterProcess[];
  let site: Site;
  let store: CrawlStore;
  const workers = new Map<string, WorkerProcess>();
  let following: RunningProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-logs-'));
    cluster = await Cluster.start();
    masters = [await cluster.master('1', SHORT_TERM), await cluster.master('2', SHORT_TERM)];
    await cluster.leader();
    site = await Site.start(PAGES);
    const path = join(directory, 'crawl.db');
    for (const id of ['1', '2']) {
      const worker = await WorkerProcess.start(
        id,
        `--etcd=${cluster.etcd.endpoint}`,
        '--register-ttl=5s',
        '--register-interval=1s',
        `--data-dir=${join(directory, `disk-${id}`)}`,
        `--store=sqlite:${path}`,
        '--allow-private',
      );
      workers.set(worker.nodeId, worker);
    }
    await cluster.workersKnown(masters[0] as MasterProcess, 2);
    store = await openCrawlStore({ kind: 'sqlite', path });
  });
  afterEach(async () => {
    await following?.kill();
    await Promise.all([...workers.values()].map((worker) => worker.kill()));
    workers.clear();
    await store.close();
    await cluster.stop();
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const told = (): ToldLine[] =>
    (following?.lines ?? []).flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as ToldLine] : []));

  /** Lines of somebody else, who writes to the same store all the time. */
  async function write(signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n++) {
      const line = { id: `other-${n}`, at: Date.now(), level: 'info', message: `other ${n}` } as const;
      await store.logs.append('books', [{ ...line, fields: '', nodeId: 'other', epoch: 0n, traceId: '' }]);
      await delay(20);
    }
  }

  async function stored(): Promise<StoredLogLine[]> {
    return store.logs.read('books', 0, 10_000);
  }

  it(
    'goes on through kill -9 of the worker that crawls and of the master that tells, and shows each line once',
    async () => {
      const [first, second] = masters as [MasterProcess, MasterProcess];
      const rules = { page: { follow: 'a', fields: { title: 'title' } } };
      const spec = { seeds: [site.url], rules, maxDepth: 100, delay: '100ms' };
      const added = await first.rest('POST', '/crawler/resource', { name: 'books', spec });
      expect(added.status).toBe(200);
      following = await startProcess(process.execPath, [
        'bin/orbweaver.js',
        `--server=http://${first.http},http://${second.http}`,
        '-o',
        'json',
        'logs',
        'books',
        '--follow',
      ]);
      const written = new AbortController();
      const writing = write(written.signal);
      await until(() => told().length >= 10, { what: 'it is told' });

      await workers.get(added.body['id'] as string)?.kill();
      const atDeath = told().length;
      await until(() => told().length >= atDeath + 100, {
        what: 'another worker tells',
        timeoutMs: 60_000,
      });
      await first.kill();
      const atSecond = told().length;
      await until(() => told().length >= atSecond + 100, {
        what: 'the next master tells',
        timeoutMs: 60_000,
      });
      await until(async () => (await store.results.progress('books'))?.state === 'done', {
        what: 'the crawl is done',
        timeoutMs: 60_000,
      });

      written.abort();
      await writing;
      const lines = await until(
        async () => {
          // The last ones may be written when the crawl is done already.
          const kept = await stored();
          expect(told().map(({ number, message }) => ({ number, message }))).toEqual(
            kept.map(({ number, message }) => ({ number: String(number), message })),
          );
          return kept;
        },
        { what: 'all is told, each line once' },
      );
      // Of both workers, and of the writer beside them.
      expect(new Set(lines.map(({ nodeId }) => nodeId)).size).toBe(3);

      await second.remove('books');
      expect(await following.exited).toMatchObject({ code: 0 });
    },
    LONG_MS,
  );
});

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import type { worker as proto } from '@app/proto';
import { keys } from '@app/resources';
import { until } from '../support/until.js';
import type { WorkerProcess } from './worker-process.js';
import { PAGES, World } from './worker-world.js';

const LONG_MS = 180_000;

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

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { settled } from '../support/until.js';
import { Site } from '../support/site.js';
import { launchWorker } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 7;

describe('a worker with no cluster, and its own tasks', () => {
  let site: Site;
  let directory: string;
  beforeEach(async () => {
    site = await Site.start(PAGES);
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-tasks-'));
    await mkdir(join(directory, 'tasks'));
  });
  afterEach(async () => {
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const task = (name: string, content: string) => writeFile(join(directory, 'tasks', name), content);

  async function run(...flags: string[]) {
    const worker = await launchWorker(
      '--cluster=false',
      '--allow-private',
      `--tasks=${join(directory, 'tasks')}`,
      `--data-dir=${join(directory, 'data')}`,
      ...flags,
    );
    const { code } = await settled(worker.exited, { what: 'the end of the worker', timeoutMs: 90_000 });
    return { code, log: worker.lines.join('\n') };
  }

  it(
    'runs TypeScript modules with their parse functions, and code that they share',
    async () => {
      await task('_numbers.ts', 'export const numberOf = (title: string): number => Number(title.slice(5));');
      await task(
        'books.ts',
        `import { defineTask } from 'orbweaver';
         import { numberOf } from './_numbers.js';
         export default defineTask({
           seeds: '${site.url}',
           delay: 0,
           maxDepth: 9,
           rules: {
             page: {
               follow: 'a',
               fields: { title: 'title' },
               parse: ({ item }) => [{ number: numberOf(item?.title ?? '') }, { twice: true }],
             },
           },
         });`,
      );
      const { code, log } = await run();
      expect(log).toContain(
        `"msg":"task done","task":"books","done":${PAGES},"queued":0,"failed":0,"items":${2 * PAGES}`,
      );
      expect(code).toBe(0);
    },
    LONG_MS,
  );

  it(
    'says where a module is wrong, and runs the others',
    async () => {
      await task('good.yaml', `{ seeds: "${site.url}", delay: 0 }`);
      await task('bad.mts', `import { x } from './nowhere.js';\nexport default x;`);
      const { code, log } = await run();
      expect(code).toBe(1);
      expect(log).toMatch(/"task":"bad","reason":"[^"]*bad\.mts[^"]*: Cannot find module '\.\/nowhere\.js'/);
      expect(log).toMatch(/"msg":"task done","task":"good"/);
    },
    LONG_MS,
  );

  it(
    'is refused private addresses unless it is told otherwise',
    async () => {
      await task('inside.yaml', `{ seeds: "${site.url}", delay: 0, robots: ignore, retries: 0 }`);
      const { code, log } = await run('--allow-private=false');
      expect([code, site.requests]).toEqual([1, []]);
      expect(log).toMatch(
        /"msg":"task failed".*127\.0\.0\.1 is not a public address, and --allow-private is not set/,
      );
    },
    LONG_MS,
  );

  it(
    'tells webhooks what came of a run, signed',
    async () => {
      const secret = Buffer.alloc(32, 5);
      const received: { headers: IncomingHttpHeaders; body: string }[] = [];
      const receiver: Server = createServer((request, response) => {
        void text(request)
          .then((body) => received.push({ headers: request.headers, body }))
          .finally(() => response.writeHead(204).end());
      });
      await once(receiver.listen(0, '127.0.0.1'), 'listening');
      const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
      await task(
        'told.yaml',
        `{ seeds: "${site.url}", delay: 0, webhooks: [{ url: "${hook}", on: [done, failed] }] }`,
      );
      const { code } = await run(`--webhook-secret=whsec_${secret.toString('base64')}`);
      receiver.close();
      expect([code, received.length]).toEqual([0, 1]);
      const [{ headers, body } = { headers: {}, body: '' }] = received;
      expect(JSON.parse(body)).toMatchObject({
        event: 'crawl.done',
        task: 'told',
        run: 1,
        items: expect.any(Number),
      });
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const digest = createHmac('sha256', secret).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${digest}`);
    },
    LONG_MS,
  );
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { launchWorker } from './worker-process.js';

const LONG_MS = 180_000;
const PAGES = 40;

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

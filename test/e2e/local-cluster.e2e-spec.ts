import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type RunningProcess, startProcess } from '../support/process.js';
import { settled, until } from '../support/until.js';

const ORBWEAVER = resolve('bin/orbweaver.js');
const READY_MS = 120_000;
const END_MS = 60_000;
const DEMO_MS = 300_000;
const TEST_MS = 400_000;

/**
 * `orbweaver up` and the demo of `npm start` as a person runs them: real processes, looked for in /proc by a mark in their
 * environment, so that one which nobody knows of any more is found as well.
 */
describe('a cluster on one machine', () => {
  let dataDir: string;
  let mark: string;
  let running: RunningProcess | undefined;

  beforeAll(() => {
    if (!existsSync('dist/apps/cli/src/main.js')) throw new Error('not built: run `npm run build` first');
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-up-'));
    mark = randomUUID();
  });
  afterEach(async () => {
    await running?.stop(END_MS);
    running = undefined;
    for (const pid of await marked()) process.kill(pid, 'SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }, TEST_MS);

  async function start(script: string, ...argv: string[]): Promise<RunningProcess> {
    const args = [script, ...argv, '--ports=free', `--data-dir=${dataDir}`];
    running = await startProcess(process.execPath, args, {
      env: { ORBWEAVER_TEST_MARK: mark, NO_COLOR: '1' },
    });
    return running;
  }

  /** All processes that descend from the one that was started. */
  async function marked(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
    );
    return pids.filter((_, index) => environments[index]?.includes(mark) === true);
  }

  /** As the command line lists them. */
  async function nodesOf(server: string): Promise<string> {
    const nodes = await startProcess(process.execPath, [ORBWEAVER, 'nodes', `--server=${server}`]);
    expect(await settled(nodes.exited, { what: 'the list of nodes' })).toMatchObject({ code: 0 });
    return nodes.lines.join('\n');
  }

  const noneLeft = () =>
    until(async () => (await marked()).length === 0, { what: 'every process is gone', timeoutMs: END_MS });

  it(
    'serves after `orbweaver up`, and is gone after SIGTERM',
    async () => {
      const up = await start(ORBWEAVER, 'up', '--masters=2', '--workers=1');
      await up.waitForLine(/^Ctrl-C stops everything/, { timeoutMs: READY_MS });
      // up, the store with what holds it, two masters, a worker
      expect((await marked()).length).toBeGreaterThanOrEqual(5);
      const server = /^master-1 +(http\S+)/m.exec(up.lines.join('\n'))?.[1] ?? '';
      const docs = await fetch(`${server}/docs`, { signal: AbortSignal.timeout(END_MS) });
      expect(docs.status).toBe(200);
      // A worker that serves is known to each master a moment later.
      await until(async () => (await nodesOf(server)).includes('go.micro.server.worker-1'), {
        what: 'the worker is listed',
        timeoutMs: END_MS,
      });

      up.signal('SIGTERM');
      expect(await settled(up.exited, { what: 'the end of up', timeoutMs: END_MS })).toMatchObject({
        code: 0,
      });
      expect(up.lines.at(-1)).toBe('Stopped.');
      expect(await marked()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'leaves no process when `orbweaver up` is killed with -9',
    async () => {
      const up = await start(ORBWEAVER, 'up', '--masters=2', '--workers=1', '--quiet');
      await up.waitForLine(/^Ctrl-C stops everything/, { timeoutMs: READY_MS });
      await up.kill();
      await noneLeft();
    },
    TEST_MS,
  );

  it(
    'leaves no process when it is interrupted while it starts',
    async () => {
      const up = await start(ORBWEAVER, 'up', '--masters=2', '--workers=1', '--quiet');
      await until(async () => (await marked()).length >= 4, {
        what: 'processes are starting',
        timeoutMs: READY_MS,
      });
      up.signal('SIGINT');
      await settled(up.exited, { what: 'the end of up', timeoutMs: END_MS });
      expect(await marked()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'says when one of its processes dies, and goes on',
    async () => {
      const up = await start(ORBWEAVER, 'up', '--masters=1', '--workers=2', '--quiet');
      await up.waitForLine(/^Ctrl-C stops everything/, { timeoutMs: READY_MS });
      const pid = Number(/^worker-2 .* (\d+)$/m.exec(up.lines.join('\n'))?.[1]);
      process.kill(pid, 'SIGKILL');
      expect(await up.waitForLine(/^worker-2 ended/)).toBe(
        'worker-2 ended by SIGKILL. It is not started again.',
      );
      expect(up.exit()).toBeUndefined();
    },
    TEST_MS,
  );

  it(
    'refuses a data directory whose cluster runs',
    async () => {
      const up = await start(ORBWEAVER, 'up', '--masters=1', '--workers=0', '--quiet');
      await up.waitForLine(/^Ctrl-C stops everything/, { timeoutMs: READY_MS });
      const second = await startProcess(process.execPath, [ORBWEAVER, 'up', `--data-dir=${dataDir}`]);
      expect(await settled(second.exited, { what: 'the refusal', timeoutMs: END_MS })).toMatchObject({
        code: 1,
      });
      expect(second.lines.join('\n')).toContain('belongs to a cluster that runs');
    },
    TEST_MS,
  );

  it(
    'crawls the sample site with `orbweaver demo --once` (`npm start -- --once`) and ends with 0',
    async () => {
      const demo = await start(ORBWEAVER, 'demo', '--once', '--deadline=240s', '--start-timeout=120s');
      expect(await settled(demo.exited, { what: 'the sample crawl', timeoutMs: DEMO_MS })).toMatchObject({
        code: 0,
      });
      const output = demo.lines.join('\n');
      expect(output).toMatch(/Crawled books: \d+ pages, 36 items\./);
      expect(output).toMatch(/^TITLE +TAG +AUTHOR +PUBLISHER +PAGES +PRICE/m);
      expect(await marked()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'ends `orbweaver demo --once` with 1 and the reason when the crawl takes too long',
    async () => {
      const demo = await start(ORBWEAVER, 'demo', '--once', '--deadline=1s');
      expect(await settled(demo.exited, { what: 'the end', timeoutMs: DEMO_MS })).toMatchObject({ code: 1 });
      expect(demo.lines.join('\n')).toMatch(/The sample crawl was not done within 1 s/);
      expect(await marked()).toEqual([]);
    },
    TEST_MS,
  );
});

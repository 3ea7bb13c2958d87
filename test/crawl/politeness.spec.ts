import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { startCrawl } from './crawl-process.js';
import { LogSite } from './log-site.js';

const DELAY_MS = 100;
const SHORT_DELAY_MS = 50;
const PATIENT = 'Patient/1';
const CONTENT = 'Content/1';
const PAGES_EACH = 25;
const LONG_MS = 180_000;

describe('five tasks in three processes on one host', () => {
  let directory: string;
  let site: LogSite;
  const processes: RunningProcess[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-politeness-'));
    site = await LogSite.start(1_000);
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.kill()));
    await site.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it(
    'never come closer to each other than either of two asked for, though one is killed and another one goes on for it',
    async () => {
      const start = async (holder: string, epoch: number, ...names: string[]): Promise<RunningProcess> => {
        const tasks = names.map((name, index) => ({
          name,
          spec: {
            seeds: [site.url(0)],
            // One of them would be content with less, where no other stands beside it.
            delay: `${index === 0 ? DELAY_MS : SHORT_DELAY_MS}ms`,
            userAgent: index === 0 ? PATIENT : CONTENT,
            maxPages: PAGES_EACH,
            maxDepth: 100,
          },
        }));
        const process = await startCrawl({
          store: `sqlite:${join(directory, 'crawls.db')}`,
          holder,
          epoch,
          tasks,
        });
        processes.push(process);
        return process;
      };
      const victim = await start('a', 1, 'a1', 'a2');
      await until(() => site.pages.length > 5, { what: 'the first is at it', timeoutMs: 60_000 });
      const others = [await start('b', 1, 'b1', 'b2'), await start('c', 1, 'c1')];
      await until(() => site.pages.length > 30, { what: 'they are under way', timeoutMs: 60_000 });
      await victim.kill();
      others.push(await start('d', 2, 'a1', 'a2'));
      await Promise.all(
        others.map(async (process) => {
          expect(await process.exited).toEqual({ code: 0, signal: null });
        }),
      );
      expect(site.pages.length).toBeGreaterThanOrEqual(5 * PAGES_EACH);
      const tooShort = site.gaps.filter(
        // What a process leaves to another one is counted in whole milliseconds.
        ({ ms, agents }) => ms < (agents.includes(PATIENT) ? DELAY_MS : SHORT_DELAY_MS) - 1,
      );
      expect(tooShort).toEqual([]);
    },
    LONG_MS,
  );
});

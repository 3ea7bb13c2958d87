import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Cluster } from '../cluster/cluster.js';
import type { MasterProcess } from '../cluster/master-process.js';
import { WorkerProcess } from '../cluster/worker-process.js';
import { browserPath, startBrowser } from '../support/browser.js';
import { Site } from '../support/site.js';
import { describeSkipped } from '../support/skip.js';
import { until } from '../support/until.js';

const PAGES = 12;

if (browserPath === undefined) describeSkipped('the console', 'no Chromium on the PATH', define);
else describe('the console', define);

/** One cluster for all: a leader, a follower whose page is looked at, workers that come as they are needed. */
function define(): void {
  let cluster: Cluster;
  let leader: MasterProcess;
  let follower: MasterProcess;
  let worker: WorkerProcess;
  let site: Site;
  let directory: string;
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-console-'));
    [cluster, site, browser] = await Promise.all([Cluster.start(), Site.start(PAGES), startBrowser()]);
    leader = await cluster.master('1');
    follower = await cluster.master('2');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await worker?.kill();
    await Promise.all([cluster?.stop(), site?.stop()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(20_000);
    faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
  });
  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const open = (path = '') => page.goto(`http://${follower.http}/#/${path}`);
  const sees = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('says which master leads, and how to start a worker while there is none', async () => {
    await open();
    await sees('leader');
    await sees('No worker is registered');
    await sees('orbweaver worker --id 1');
  });

  it('says that there is no task yet, and how to add one', async () => {
    await open('tasks');
    await sees('There is no task yet');
  });

  it('adds a task, which is crawled, and shows its items and pages as they come', async () => {
    worker = await WorkerProcess.start(
      '1',
      `--etcd=${cluster.etcd.endpoint}`,
      `--data-dir=${directory}`,
      '--allow-private',
    );
    await open('tasks');
    await page.getByRole('button', { name: 'Add a task' }).click();
    await page.getByLabel('Name', { exact: false }).last().fill('pages');
    await page.locator('.cm-content').fill(`seeds: ["${site.url}"]\ndelay: 0\nmaxDepth: 10\n`);
    await page.getByRole('button', { name: /^Add:/ }).click();
    await page.getByRole('heading', { name: 'pages' }).waitFor();
    await sees('done');
    await page.getByRole('cell', { name: 'Page 11', exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Pages' }).click();
    await page.getByRole('cell', { name: `${site.url.slice(0, -1)}11` }).waitFor();
    expect(site.repeated).toEqual([]);
  }, 60_000);

  it('completes the keys of a task from its schema', async () => {
    await open('tasks');
    await page.getByRole('button', { name: 'Add a task' }).click();
    await page.locator('.cm-content').fill('');
    await page.locator('.cm-content').pressSequentially('maxP');
    await page.getByRole('option', { name: /maxPages/ }).waitFor();
  });

  it('keeps what was typed when a spec is wrong, and says what is wrong with it', async () => {
    await open('tasks');
    await page.getByRole('button', { name: 'Add a task' }).click();
    await page.getByLabel('Name', { exact: false }).last().fill('wrong');
    await page.locator('.cm-content').fill('seed: [http://site.test]');
    await page.getByRole('button', { name: /^Add:/ }).click();
    await sees(/is "seeds" meant\?/);
    expect(await page.locator('.cm-content').textContent()).toContain('seed: [http://site.test]');
  });

  it('finds a task by the beginning of its name', async () => {
    await open('tasks');
    await page.getByLabel('Name begins with').fill('nothing');
    await sees('No task matches');
    await page.getByLabel('Name begins with').fill('pag');
    await page.getByRole('link', { name: 'pages' }).waitFor();
  });

  it('pauses a task and lets it go on', async () => {
    await open('tasks/pages');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
  });

  it('drains a worker', async () => {
    await open();
    await page.getByRole('button', { name: /^Drain/ }).click();
    await sees('draining');
    await page.getByRole('button', { name: /^Undrain/ }).click();
    await page.getByRole('button', { name: /^Drain/ }).waitFor();
  });

  it.each(['light', 'dark'] as const)('has no serious fault of accessibility in %s', async (colorScheme) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const path of ['', 'tasks', 'tasks/pages']) {
      await open(path);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as Axe).axe.run();
        return violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          html: nodes.map(({ html }) => html),
        }));
      });
      expect(found.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    }
  });

  it.each([360, 1920])('fits a screen %d pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    for (const path of ['', 'tasks', 'tasks/pages']) {
      await open(path);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it('goes on when the leader is killed, and shows who leads now', async () => {
    await open();
    const led = page.getByRole('region', { name: 'Masters' });
    await led.getByText('leader').waitFor();
    await leader.kill();
    await until(async () => (await follower.leaderAddress()) === follower.grpcAddress, {
      what: 'the follower leads',
      timeoutMs: 20_000,
    });
    await led.getByText(/leads for/).waitFor();
  }, 60_000);

  it('says since when no master answers, keeps what it showed, and goes on when one is back', async () => {
    await open();
    await page.getByRole('heading', { name: 'Workers' }).waitFor();
    await page.route('**/crawler/**', (route) => route.abort());
    await sees(/No connection to the cluster since/);
    await page.getByRole('heading', { name: 'Workers' }).waitFor();
    await page.unroute('**/crawler/**');
    await page.getByText(/No connection to the cluster since/).waitFor({ state: 'detached' });
  });
}

interface Axe {
  axe: {
    run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
  };
}

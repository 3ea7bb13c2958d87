import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
import { Front } from './front.js';
import { Tab } from './tab.js';

const PAGES = 12;
const LONG_MS = 240_000;

if (browserPath === undefined) describeSkipped('the console', 'no Chromium on the PATH', define);
else describe('the console', define);

/** One cluster for all: two masters behind one address, workers that come as they are needed. */
function define(): void {
  let cluster: Cluster;
  let leader: MasterProcess;
  let follower: MasterProcess;
  let front: Front;
  let worker: WorkerProcess;
  let site: Site;
  let directory: string;
  let browser: Browser;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-console-'));
    [cluster, site, browser] = await Promise.all([Cluster.start(), Site.start(PAGES), startBrowser()]);
    // The leader is to be another only when it is killed.
    leader = await cluster.master('1', '--election-ttl=5s');
    follower = await cluster.master('2', '--election-ttl=5s');
    front = await Front.start(follower.http);
  }, LONG_MS);
  afterAll(async () => {
    await browser?.close();
    await worker?.kill();
    await Promise.all([cluster?.stop(), site?.stop(), front?.stop()]);
    await rm(directory, { recursive: true, force: true });
  }, LONG_MS);
  beforeEach(async () => {
    tab = await Tab.open(browser, front.address);
    ({ page } = tab);
  });
  afterEach(async () => {
    await page.close();
    expect(tab.faults).toEqual([]);
  });

  const openAdd = async (): Promise<void> => {
    await tab.goto('tasks');
    await page.getByRole('button', { name: 'Add a task' }).click();
  };
  const spec = () => page.locator('.cm-content');

  it('says which master leads, and how to start a worker while there is none', async () => {
    await tab.goto();
    await tab.sees(/leads for/);
    await tab.sees('No worker is registered');
    await tab.sees('orbweaver worker --id 1');
  });

  it('says that there is no task yet, and how to add one', async () => {
    await tab.goto('tasks');
    await tab.sees('There is no task yet');
    await tab.sees(/^orbweaver add FILE$/);
  });

  it('tells within moments what happens', async () => {
    await tab.goto();
    await page.getByRole('log').waitFor();
    const took: number[] = [];
    for (const id of ['7', '8', '9']) {
      const from = performance.now();
      await cluster.registerWorker(id);
      await tab.sees(new RegExp(`worker-${id} joined`));
      took.push(Math.round(performance.now() - from));
      await cluster.unregisterWorker(id);
      await tab.sees(new RegExp(`worker-${id} is gone`));
    }
    console.info(`events were on the page after ${took.join(', ')} ms`);
    await page.getByText('Elections').click();
    await page.getByText(/worker-7 joined/).waitFor({ state: 'detached' });
    await tab.sees(/elected|leads/);
  });

  it(
    'tries a task on one page, adds it, and shows its items, pages and log as they come',
    async () => {
      worker = await WorkerProcess.start(
        '1',
        `--etcd=${cluster.etcd.endpoint}`,
        `--data-dir=${directory}`,
        '--allow-private',
      );
      await Promise.all([leader, follower].map((master) => cluster.workersKnown(master, 1)));
      await openAdd();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('pages');
      await spec().fill(`seeds: ["${site.url}"]\ndelay: 0\nmaxDepth: 10\n`);
      await page.getByRole('button', { name: 'Try', exact: true }).click();
      await tab.sees(/2 links/);
      const triedCount = site.requests.length;
      await page.getByRole('button', { name: /^Add:/ }).click();
      await page.getByRole('heading', { name: 'pages', exact: true }).waitFor();
      await page.getByRole('cell', { name: 'Page 11', exact: true }).waitFor();
      await page.getByRole('tab', { name: 'Pages' }).click();
      await page.getByRole('cell', { name: `${site.url.slice(0, -1)}11` }).waitFor();
      await page.getByRole('tab', { name: 'Log' }).click();
      await page.getByRole('log').getByText('run 1 is done').waitFor();
      await tab.sees('Pages by status');
      // An address leads to what was looked at.
      await page.reload();
      await page.getByRole('log').getByText('run 1 is done').waitFor();
      expect(await page.title()).toBe('pages · Orbweaver');
      expect(site.requests).toHaveLength(triedCount + PAGES);
    },
    LONG_MS,
  );

  it('looks for a text in all items, says among how many, and saves what contains it', async () => {
    await tab.goto('tasks/pages');
    await page.getByRole('cell', { name: 'Page 2', exact: true }).waitFor();
    await page.getByRole('searchbox', { name: 'Search the items' }).fill('PAGE 11');
    await page.getByRole('cell', { name: 'Page 2', exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Page 11', exact: true }).waitFor();
    await page.getByRole('status').getByText(`1 of ${PAGES} items`, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Download what contains it' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'JSON lines' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ title: 'Page 11' }]);
    await page.getByRole('searchbox', { name: 'Search the items' }).fill('');
    await page.getByRole('cell', { name: 'Page 2', exact: true }).waitFor();
  });

  it('tries a page as the rule would read it that leads there', async () => {
    await openAdd();
    const rules = [
      'list: { follow: [{ select: a, to: page }] }',
      'page: { fields: { shelf: { carried: shelf } } }',
    ];
    await spec().fill(`seeds: ["${site.url}"]\ndelay: 0\nrules:\n  ${rules.join('\n  ')}\n`);
    await page.getByRole('combobox', { name: 'Read by the rule' }).click();
    await page.getByRole('option', { name: 'page' }).click();
    await page.getByLabel('With the values carried').fill('{ shelf: upper }');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await tab.sees(/read by the rule page/);
    await page.getByRole('cell', { name: '"upper"' }).waitFor();
  });

  it('says so when a part of it is gone, as where masters change their version, and shows the others', async () => {
    await tab.goto('tasks/pages');
    await page.route('**/assets/spec-*.js', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('tab', { name: 'Spec' }).click();
    await page.getByRole('alert').getByText('This page cannot be shown').waitFor();
    await page.getByRole('link', { name: 'Cluster' }).click();
    await page.getByRole('heading', { name: 'Workers' }).waitFor();
    await page.goBack();
    await page.unroute('**/assets/spec-*.js');
    await page.getByRole('button', { name: 'Load it anew' }).click();
    await page.getByText('maxDepth').first().waitFor();
  });

  it('begins with an example', async () => {
    await openAdd();
    await page.getByRole('combobox', { name: 'Begin with an example' }).click();
    await page.getByRole('option', { name: /^books:/ }).click();
    await page.getByText('subject-item', { exact: false }).first().waitFor();
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('books');
  });

  it('completes the keys of a task from its schema', async () => {
    await openAdd();
    await spec().fill('');
    await spec().pressSequentially('maxP');
    await page.getByRole('option', { name: /maxPages/ }).waitFor();
  });

  it('keeps what was typed when a spec is wrong, and says what is wrong with it', async () => {
    await openAdd();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('wrong');
    await spec().fill('seed: [http://site.test]');
    await page.getByRole('button', { name: /^Add:/ }).click();
    await tab.sees(/is "seeds" meant\?/);
    expect(await spec().textContent()).toContain('seed: [http://site.test]');
  });

  it('replaces what a task crawls, shows the difference, and goes back to what it crawled before', async () => {
    await tab.goto('tasks/pages');
    await page.getByRole('tab', { name: 'Spec' }).click();
    await page.getByRole('button', { name: 'Change …' }).click();
    await spec().fill(`seeds: ["${site.url}"]\ndelay: 0\nmaxDepth: 2\n`);
    await page.getByRole('button', { name: /^Replace:/ }).click();
    await page.getByRole('combobox', { name: /Compare/ }).click();
    await page.getByRole('option').first().click();
    await page.locator('del').getByText('maxDepth: 10').waitFor();
    await page.locator('ins').getByText('maxDepth: 2').waitFor();
    await page.getByRole('button', { name: 'Use again …' }).click();
    await page.getByRole('button', { name: /^Replace:/ }).click();
    await page.getByRole('combobox', { name: /Compare/ }).waitFor();
    await page.getByRole('button', { name: /^Replace:/ }).waitFor({ state: 'detached' });
  });

  it('pauses a task and lets it go on', async () => {
    await tab.goto('tasks/pages');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
  });

  it('drains a worker, and takes a profile of it', async () => {
    await tab.goto();
    await page.getByRole('button', { name: /^Drain/ }).click();
    await tab.sees('draining');
    await page.getByRole('button', { name: /^Undrain/ }).click();
    await page.getByRole('button', { name: /^Drain/ }).waitFor();
    await page.getByRole('button', { name: `Profile of ${worker.nodeId}` }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Heap' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/worker-1.*heap.*\.pb\.gz$/);
  });

  it.each(['light', 'dark'] as const)(
    'has no serious fault of accessibility in %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await tab.goto();
      await page.getByRole('region', { name: 'Workers' }).first().waitFor();
      expect(await tab.obstacles()).toEqual([]);
      await tab.goto('tasks/pages');
      for (const name of ['Items', 'Log', 'Hosts', 'Pages', 'Failures', 'Spec']) {
        await page.getByRole('tab', { name }).click();
        expect(await tab.obstacles()).toEqual([]);
      }
      await openAdd();
      await spec().waitFor();
      expect(await tab.obstacles()).toEqual([]);
    },
    LONG_MS,
  );

  it.each([360, 1920])('fits a screen %d pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    for (const [path, shown] of [
      ['', page.getByRole('region', { name: 'Workers' }).first()],
      ['tasks', page.getByRole('link', { name: 'pages', exact: true })],
      ['tasks/pages', page.getByRole('tab', { name: 'Items' })],
    ] as const) {
      await tab.goto(path);
      await shown.waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it(
    'goes on through another master when the leader that it looks at is killed',
    async () => {
      front.pointAt(leader.http);
      await tab.goto();
      await tab.sees(/leads for/);
      const other = await Tab.open(browser, front.address);
      await other.goto('tasks/pages');
      await other.page.getByRole('tab', { name: 'Log' }).click();
      await other.page.getByRole('log').waitFor();
      front.pointAt(follower.http);
      await leader.kill();
      await page.getByText(/^master2-.* leads for/).waitFor();
      await page.getByText(/Before it, master1-/).waitFor();
      await page.getByText(/No connection to the cluster/).waitFor({ state: 'detached' });

      const restarted = await follower.rest('POST', '/crawler/resource/pages/restart', {});
      const { run } = restarted.body['control'] as { run: number };
      await other.page
        .getByRole('log')
        .getByText(new RegExp(`run ${run} is done`))
        .waitFor();
      const log = await (await fetch(`http://${follower.http}/crawler/resource/pages/log`)).text();
      await other.sees(`${log.match(/"number":/g)?.length} lines`);
      await other.page.close();
      expect(other.faults).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'says since when no master answers, keeps what it showed, and goes on when one is back',
    async () => {
      await tab.goto();
      await page.getByRole('heading', { name: 'Workers', exact: true }).waitFor();
      follower.process.signal('SIGKILL');
      await tab.sees(/No connection to the cluster since/);
      await page.getByRole('heading', { name: 'Workers', exact: true }).waitFor();
      const third = await cluster.master('3');
      front.pointAt(third.http);
      await page.getByText(/No connection to the cluster since/).waitFor({ state: 'detached' });
      await until(async () => (await third.leaderAddress()) === third.grpcAddress, { what: 'it leads' });
      await page.getByText(/^master3-.* leads for/).waitFor();
    },
    LONG_MS,
  );
}

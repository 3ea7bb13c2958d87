import type { Browser, Page } from 'playwright-core';
import { worker as proto } from '@app/proto';
import { Cluster } from '../cluster/cluster.js';
import type { MasterProcess } from '../cluster/master-process.js';
import { ScriptedWorker } from '../cluster/scripted-worker.js';
import { browserPath, startBrowser } from '../support/browser.js';
import { describeSkipped } from '../support/skip.js';
import { Tab } from './tab.js';

/** For docs/benchmarks.md: ORBWEAVER_CONSOLE_TASKS=100000. */
const COUNT = Number(process.env['ORBWEAVER_CONSOLE_TASKS'] ?? 3_000);
const BATCH = 500;
const STATES = ['running', 'done', 'failed'];

if (browserPath === undefined)
  describeSkipped('many tasks in the console', 'no Chromium on the PATH', define);
else describe('many tasks in the console', define);

function define(): void {
  let cluster: Cluster;
  let master: MasterProcess;
  let worker: ScriptedWorker;
  let browser: Browser;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    [cluster, browser] = await Promise.all([Cluster.start(), startBrowser()]);
    master = await cluster.master('1');
    worker = await ScriptedWorker.start(cluster, '1');
    await cluster.workersKnown(master, 1);
    for (let start = 0; start < COUNT; start += BATCH) {
      const resources = Array.from({ length: BATCH }, (_, index) => ({ name: nameOf(start + index) }));
      await master.rest('POST', '/crawler/resources', { resources });
    }
    worker.watches = (call) => {
      for (let start = 0; start < COUNT; start += BATCH) {
        const tasks = Array.from({ length: BATCH }, (_, index) => statusOf(start + index));
        call.write({ tasks, gone: [], synced: false });
      }
      call.write({ tasks: [], gone: [], synced: true });
    };
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    worker?.stop();
    await cluster?.stop();
  });
  beforeEach(async () => {
    tab = await Tab.open(browser, master.http);
    ({ page } = tab);
  });
  afterEach(async () => {
    await page.close();
    expect(tab.faults).toEqual([]);
  });

  const first = () => page.locator('tbody tr[aria-rowindex="2"]');
  const chip = (state: string) => page.getByRole('checkbox', { name: new RegExp(`^${state} `) });

  it('are counted by state, and filtered by it', async () => {
    await tab.goto('tasks');
    await tab.sees(`failed ${figure(Math.floor(COUNT / 3))}`);
    await chip('failed').press('Space');
    await tab.sees(`${figure(Math.floor(COUNT / 3))} tasks`);
    await first().getByText(nameOf(2)).waitFor();
    await page.reload();
    await first().getByText(nameOf(2)).waitFor();
    // As it is where a link is opened in another window.
    await tab.goto('tasks?states=done');
    await first().getByText(nameOf(1)).waitFor();
  });

  it('are searched by any part of their names', async () => {
    await tab.goto('tasks');
    await first().getByRole('link').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(nameOf(1234).slice(2));
    await tab.sees(/^1 task$/);
    await first().getByText(nameOf(1234)).waitFor();
  });

  it('are sorted by any column, in both directions', async () => {
    await tab.goto('tasks');
    await page.getByRole('button', { name: 'Items' }).click();
    await first()
      .getByText(nameOf(COUNT - 1))
      .waitFor();
    await page.getByRole('button', { name: 'Items' }).click();
    await first().getByText(nameOf(0)).waitFor();
    await page.getByRole('button', { name: 'Last error' }).click();
    await page
      .getByRole('columnheader', { name: 'Last error' })
      .and(page.locator('[aria-sort=ascending]'))
      .waitFor();
  });

  it('are acted on together', async () => {
    await tab.goto('tasks');
    for (const number of [0, 1]) await page.getByLabel(`Select ${nameOf(number)}`, { exact: true }).check();
    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByRole('dialog').getByText(nameOf(1)).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await tab.sees('2 tasks deleted.');
    await tab.sees(`${figure(COUNT - 2)} tasks`);
  });

  it('are chosen all at once as far as they match, up to a thousand', async () => {
    await tab.goto('tasks');
    const all = () => page.getByLabel('Select all that match');
    await all().click();
    await tab.sees(/^1,000 tasks selected, the first of [\d,]+: more is not done at a time$/);
    await page.getByLabel('Select none').click();
    await page.getByRole('searchbox', { name: 'Search names' }).fill(nameOf(1234).slice(0, -1));
    await tab.sees(/^10 tasks$/);
    await all().click();
    await tab.sees('10 tasks selected');
    await page.getByLabel(`Select ${nameOf(1234)}`, { exact: true }).uncheck();
    await tab.sees('9 tasks selected');
  });

  it('are scrolled through with only a few of them in the page', async () => {
    await tab.goto('tasks');
    await first().getByRole('link').waitFor();
    const paintedMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    );
    const frames = await page.evaluate<number[]>(SCROLL_THROUGH);
    await page.getByRole('link', { name: nameOf(COUNT - 1) }).waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    const sorted = [...frames].sort((one, other) => one - other);
    const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
    console.info(
      `${figure(COUNT)} tasks: first paint after ${Math.round(paintedMs)} ms; frames while scrolling: ` +
        `median ${at(0.5)} ms, 95 of 100 below ${at(0.95)} ms, longest ${at(1)} ms`,
    );
  });
}

function nameOf(number: number): string {
  return `task-${String(number).padStart(6, '0')}`;
}

function figure(number: number): string {
  return new Intl.NumberFormat('en').format(number);
}

function statusOf(number: number): proto.TaskStatus {
  return {
    ...proto.TaskStatus.decode(new Uint8Array()),
    name: nameOf(number),
    state: STATES[number % 3] ?? '',
    epoch: 2n ** 62n,
    items: BigInt(number),
    pagesDone: BigInt(number),
    lastError: number % 3 === 2 ? 'HTTP 503' : '',
  };
}

/** In the page: two seconds of scrolling by whole screens, then to the end. How long each frame took. */
const SCROLL_THROUGH = `new Promise((resolve) => {
  const list = document.querySelector('[aria-label=Tasks][role=region]');
  const frames = [];
  const from = performance.now();
  let last = from;
  requestAnimationFrame(function frame(now) {
    frames.push(now - last);
    last = now;
    list.scrollTop += list.clientHeight;
    if (now - from < 2000) return void requestAnimationFrame(frame);
    list.scrollTop = list.scrollHeight;
    resolve(frames.slice(1));
  });
})`;

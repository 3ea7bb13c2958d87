import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { CrawlStore } from '@app/crawl';
import type { StoreUrl } from '../store-url.js';
import type { CrashingOwner } from './crashing-owner.contract.js';
import { freshName, page, request } from './example-crawl.contract.js';

const PAGES = 2_000;
const PROGRAM = new URL('./crashing-owner.contract.ts', import.meta.url).href;
const TYPESCRIPT = new URL('../../../../scripts/typescript-threads.mjs', import.meta.url).href;

/** What every adapter promises to a process that is killed in the middle of its acks. */
export function crashContract(
  name: string,
  make: () => Promise<{ url: StoreUrl; store: CrawlStore; close(): Promise<void> }>,
): void {
  it(`${name} loses and doubles nothing when its user is killed, again and again`, async () => {
    const subject = await make();
    const { url, store } = subject;
    const resource = freshName();
    const acknowledged = new Set<number>();
    let kills = 0;
    try {
      for (let epoch = 1; (await store.results.progress(resource))?.state !== 'done'; epoch++) {
        const after = 50 * epoch;
        const owner = start({ url, resource, epoch, pageCount: PAGES, waitsAfter: after + 400 });
        if (await runAndKill(owner, acknowledged, after)) kills++;
        // A commit of the dead one may still be under way: none is any more once the crawl is another's.
        await store.frontier.claim(
          request({ resource, epoch: BigInt(epoch), seeds: [page('0')], maxPages: 1_000_000 }),
        );
        await checkWhatIsThere(store, resource, acknowledged);
      }
      expect(kills).toBeGreaterThan(2);
      expect(acknowledged.size).toBeGreaterThan(0);
      expect(await store.results.progress(resource)).toMatchObject({
        discoveredCount: PAGES,
        doneCount: PAGES,
        queuedCount: 0,
        itemCount: 2 * PAGES,
      });
      expect(await store.outbox.lease(10, 60_000)).toMatchObject([{ resource }]);
    } finally {
      await subject.close();
    }
  }, 300_000);
}

/** Every page that was acknowledged is done, with its two items and its line; no other page has any. */
async function checkWhatIsThere(
  store: CrawlStore,
  resource: string,
  acknowledged: ReadonlySet<number>,
): Promise<void> {
  const pages = await store.results.pages(resource, { after: 0, limit: 10 * PAGES });
  const done = new Set(pages.map(({ seq }) => seq));
  expect([...acknowledged].filter((seq) => !done.has(seq))).toEqual([]);
  const items = await store.results.items(resource, 0, 10 * PAGES);
  expect(items.map(({ url, position }) => `${url} ${position}`).sort()).toEqual(
    pages.flatMap(({ url }) => [`${url} 0`, `${url} 1`]).sort(),
  );
  const progress = await store.results.progress(resource);
  expect(progress?.itemCount ?? 0).toBe(items.length);
  expect(progress?.doneCount ?? 0).toBe(pages.length);
  const lines = await store.logs.read(resource, 0, 10 * PAGES);
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
  const told = pages.map(({ seq }) => `page ${seq}`);
  expect(lines.map(({ message }) => message).sort()).toEqual(
    [...told, ...(progress?.state === 'done' ? ['over'] : [])].sort(),
  );
  const { steps, statuses } = await store.results.history(resource);
  expect(steps.reduce((sum, { doneCount }) => sum + doneCount, 0)).toBe(pages.length);
  expect(statuses.reduce((sum, { count }) => sum + count, 0)).toBe(pages.length);
}

function start(data: CrashingOwner): ChildProcess {
  // In a thread of the process: it is there that Node reads TypeScript.
  const program = `new (require('node:worker_threads').Worker)(new URL(${JSON.stringify(PROGRAM)}), { workerData: ${JSON.stringify(data)} })`;
  return spawn(process.execPath, ['--import', TYPESCRIPT, '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills it a moment after it has acknowledged so many pages. False when it was done before. */
async function runAndKill(owner: ChildProcess, acknowledged: Set<number>, after: number): Promise<boolean> {
  const exited = once(owner, 'exit') as Promise<[number | null, string | null]>;
  let count = 0;
  for await (const line of createInterface({ input: owner.stdout as NodeJS.ReadableStream })) {
    acknowledged.add(Number(line));
    if (++count !== after) continue;
    await delay(Math.random() * 10);
    owner.kill('SIGKILL');
  }
  const [code, signal] = await exited;
  if (signal === null) expect(code).toBe(0);
  return signal === 'SIGKILL';
}

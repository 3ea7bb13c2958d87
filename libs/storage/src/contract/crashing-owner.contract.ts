import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { TakenPage } from '@app/crawl';
import { openCrawlStore } from '../open-store.js';
import type { StoreUrl } from '../store-url.js';
import { HOST, logLine, page, request, result } from './example-crawl.contract.js';

// The program of a process that is to be killed: crawls a site of numbered pages, and says which pages it has
// acknowledged after the store has said so.
const { url, resource, epoch, pageCount, waitsAfter } = workerData as CrashingOwner;

export interface CrashingOwner {
  url: StoreUrl;
  resource: string;
  epoch: number;
  pageCount: number;
  /** It goes no further than about so many pages: whoever kills it may be slow. */
  waitsAfter: number;
}

const store = await openCrawlStore(url);
const { frontier } = store;
const claim = await frontier.claim(
  request({ resource, epoch: BigInt(epoch), seeds: [page('0')], maxPages: 1_000_000 }),
);
for (let count = 0; ;) {
  if (count >= waitsAfter) await delay(600_000);
  const pages = await frontier.take(claim, HOST, 40, []);
  if (pages.length === 0) break;
  count += pages.length;
  // Several at once, as the engine has them.
  await Promise.all(
    [0, 1, 2, 3].map(async (part) => {
      const mine = pages.filter((_, index) => index % 4 === part);
      const lines = mine.map(({ seq }) => logLine(`page ${seq}`));
      await frontier.ack(claim, { results: mine.map(resultOf), lines });
      writeSync(1, mine.map(({ seq }) => `${seq}\n`).join(''));
    }),
  );
}
await frontier.finish(claim, {
  state: 'done',
  reason: '',
  messages: [{ url: 'http://hook', body: '{}' }],
  lines: [logLine('over')],
});
await store.close();

function resultOf(taken: TakenPage) {
  const n = Number(taken.url.slice(`http://${HOST}/`.length));
  const links = [2 * n + 1, 2 * n + 2, n + 1].filter((link) => link < pageCount);
  return result(taken, {
    items: [`{"page":${n},"part":1}`, `{"page":${n},"part":2}`],
    discovered: links.map((link) => page(String(link))),
  });
}

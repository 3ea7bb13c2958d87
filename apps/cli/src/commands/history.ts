import type { History } from '../api/master-api.js';
import type { Client } from './client.js';
import type { Colours } from '../output/colours.js';
import { renderTable } from '../output/table.js';
import { bytes } from '../output/times.js';

const MOST_ROWS = 24;
const BAR_WIDTH = 20;

interface Row {
  at: string;
  done: number;
  failed: number;
  items: number;
  bytes: number;
  queued: number;
}

/** How a crawl went, of all its runs: a row for each stretch of time, and how its hosts answered. */
export async function history({ api, output }: Client, name: string): Promise<void> {
  const answer = await api.history(name);
  await output.show(answer, (colours) => view(answer, colours));
}

function view({ points, stepSeconds, statuses }: History, colours: Colours): string {
  if (points.length === 0) return 'Nothing was crawled yet.';
  const rows = merged(points);
  const most = Math.max(1, ...rows.map(({ done, failed }) => done + failed));
  const table = renderTable(
    ['FROM', 'DONE', 'FAILED', 'ITEMS', 'SIZE', 'QUEUED', ''],
    rows.map(({ at, done, failed, items, bytes: size, queued }) => [
      at,
      String(done),
      failed === 0 ? '0' : colours.red(String(failed)),
      String(items),
      bytes(size),
      String(queued),
      colours.green(bar(done, most)) + colours.red(bar(failed, most)),
    ]),
    colours,
  );
  const told = statuses.map(
    ({ status, pages }) => `${status === 0 ? 'no answer' : `HTTP ${status}`}: ${pages}`,
  );
  const steps = `Steps of ${stepSeconds} s in which nothing was crawled are left out.`;
  return `${table}${told.join(', ')}\n${colours.dim(steps)}`;
}

/** Neighbours together, so that the whole fits on a screen. */
function merged(points: History['points']): Row[] {
  const size = Math.ceil(points.length / MOST_ROWS);
  const rows: Row[] = [];
  for (const [index, { at = '', done, failed, items, bytes: size_, queued }] of points.entries()) {
    if (index % size === 0) rows.push({ at, done: 0, failed: 0, items: 0, bytes: 0, queued: 0 });
    const row = rows.at(-1) as Row;
    row.done += Number(done);
    row.failed += Number(failed);
    row.items += Number(items);
    row.bytes += Number(size_);
    row.queued = Number(queued);
  }
  return rows;
}

function bar(count: number, most: number): string {
  return '█'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR_WIDTH)));
}

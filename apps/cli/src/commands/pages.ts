import type { Page } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import type { Colours } from '../output/colours.js';
import type { TableView } from '../output/output.js';
import { cell } from '../output/table.js';
import { age, bytes } from '../output/times.js';
import { readPages, remarkMore } from './paging.js';

/** The pages that were fetched, well or not. */
export async function pages(client: Client, name: string, options: ListOptions): Promise<void> {
  const { entries, next } = await readPages(options, async (query) => {
    const page = await client.api.pages(name, query);
    return { entries: page.pages, next: page.nextPageToken };
  });
  await client.output.show({ pages: entries, nextPageToken: next }, (colours) => pagesView(entries, colours));
  remarkMore(client, entries.length, next);
}

/** Those that failed, each with the reason. */
export async function failures(client: Client, name: string, options: ListOptions): Promise<void> {
  const { entries, next } = await readPages(options, async (query) => {
    const page = await client.api.pages(name, { ...query, failed: true });
    return { entries: page.pages, next: page.nextPageToken };
  });
  await client.output.show({ pages: entries, nextPageToken: next }, (colours) => ({
    head: ['URL', 'RULE', 'STATUS', 'TRIES', 'AGE', 'REASON'],
    rows: entries.map(({ url, rule, status, attempts, fetchedAt, error }) => [
      cell(url),
      cell(rule, 30),
      statusText(status, colours),
      String(attempts),
      age(fetchedAt),
      colours.red(cell(error, 100)),
    ]),
    empty: 'No page has failed.',
  }));
  remarkMore(client, entries.length, next);
  if (entries.length > 0) client.output.remark(`Try them again with: orbweaver retry ${name}`);
}

function pagesView(entries: readonly Page[], colours: Colours): TableView {
  return {
    head: ['URL', 'RULE', 'STATUS', 'DEPTH', 'SIZE', 'TITLE'],
    rows: entries.map(({ url, rule, status, depth, bytes: size, title, error }) => [
      cell(url),
      cell(rule, 30),
      statusText(status, colours),
      String(depth),
      bytes(size),
      error === '' ? cell(title, 60) : colours.red(cell(error, 60)),
    ]),
    empty: 'No page is stored yet.',
  };
}

function statusText(status: number, colours: Colours): string {
  if (status === 0) return colours.red('none');
  return status < 400 ? colours.green(String(status)) : colours.red(String(status));
}

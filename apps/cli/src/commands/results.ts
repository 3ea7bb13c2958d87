import type { Page } from '../api/master-api.js';
import type { Client, ListOptions } from './client.js';
import type { Colours } from '../output/colours.js';
import type { TableView } from '../output/output.js';
import { cell } from '../output/table.js';
import { bytes } from '../output/times.js';
import { readPages, remarkMore } from './paging.js';

export async function results(client: Client, name: string, options: ListOptions): Promise<void> {
  const { entries, next } = await readPages(options, async (query) => {
    const page = await client.api.pages(name, query);
    return { entries: page.pages, next: page.nextPageToken };
  });
  await client.output.show({ pages: entries, nextPageToken: next }, (colours) => pagesView(entries, colours));
  remarkMore(client, entries.length, next);
}

export function pagesView(pages: readonly Page[], colours: Colours): TableView {
  return {
    head: ['URL', 'STATUS', 'DEPTH', 'SIZE', 'TITLE'],
    rows: pages.map(({ url, status, depth, bytes: size, title, error }) => [
      cell(url),
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

import type { Results, StoredItem } from '@app/crawl';

export interface StoredItemsOptions {
  /** The number of the item after which it begins. */
  after?: number;
  /** Of items, in each piece but the last one. */
  pageSize?: number;
}

/** All items of a resource in the order they were stored, read as they are asked for. */
export async function* storedItems(
  results: Pick<Results, 'items'>,
  resource: string,
  { after = 0, pageSize = 500 }: StoredItemsOptions = {},
): AsyncGenerator<readonly StoredItem[]> {
  for (let from = after; ;) {
    const page = await results.items(resource, from, pageSize);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < pageSize) return;
    from = last.number;
  }
}

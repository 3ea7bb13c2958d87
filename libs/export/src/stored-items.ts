import type { Results, StoredItem } from '@app/crawl';

const PAGE_SIZE = 500;

/** All items of a resource in the order they were stored, read as they are asked for. */
export async function* storedItems(
  results: Pick<Results, 'items'>,
  resource: string,
): AsyncGenerator<readonly StoredItem[]> {
  for (let after = 0; ;) {
    const page = await results.items(resource, after, PAGE_SIZE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.number;
  }
}

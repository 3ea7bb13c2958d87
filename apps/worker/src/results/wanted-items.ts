import type { StoredItem } from '@app/crawl';
import { containing } from './containing.js';

/** Of pages of items those that contain the text; all, if it is empty. Also an empty page is given: it was looked at. */
export async function* wantedItems(
  pages: AsyncIterable<readonly StoredItem[]>,
  contains: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredItem[]> {
  const isWanted = contains === '' ? undefined : containing(contains);
  for await (const page of pages) {
    signal.throwIfAborted();
    yield isWanted === undefined ? page : page.filter(isWanted);
  }
}

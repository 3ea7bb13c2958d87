import type { Results, StoredItem } from '@app/crawl';
import { storedItems } from '@app/export';
import { containing } from './containing.js';

export interface Search {
  resource: string;
  /** The number of the item after which it begins. */
  after: number;
  limit: number;
  /** All items, if empty. */
  contains: string;
}

export interface Found {
  items: StoredItem[];
  searchedCount: number;
  /** Of the item after which to go on; undefined when all were looked at. */
  next: number | undefined;
}

/**
 * Items in the order they were stored: as many as are wanted and one answer can hold, at least one. It stops
 * before that when it has looked for long enough, so that a text that nothing contains keeps nobody waiting.
 */
export async function searchItems(
  results: Pick<Results, 'items'>,
  { resource, after, limit, contains }: Search,
  { now, forMs = SEARCH_MS }: { now: () => number; forMs?: number },
): Promise<Found> {
  const isWanted = contains === '' ? () => true : containing(contains);
  const endsAt = now() + forMs;
  const found: Found = { items: [], searchedCount: 0, next: after };
  let bytes = 0;
  for await (const page of storedItems(results, resource, {
    after,
    pageSize: contains === '' ? limit : MANY,
  })) {
    for (const item of page) {
      if (isWanted(item)) {
        bytes += Buffer.byteLength(item.data);
        if (found.items.length > 0 && bytes > MAX_BYTES) return found;
        found.items.push(item);
      }
      found.searchedCount++;
      found.next = item.number;
      if (found.items.length === limit) return found;
    }
    if (now() >= endsAt) return found;
  }
  return { ...found, next: undefined };
}

/** Of the items of an answer: far below what gRPC lets through. */
const MAX_BYTES = 1 << 20;
/** Far below what a caller waits for. */
const SEARCH_MS = 1_000;
const MANY = 500;

import type { StoredItem } from '@app/crawl';
import { searchItems } from './search-items.js';

const TOTAL = 2_200;

/** Every hundredth has a fox; numbers have gaps. */
const ITEMS: StoredItem[] = Array.from({ length: TOTAL }, (_, index) => ({
  number: 10 * (index + 1),
  resource: 'woods',
  rule: 'animal',
  url: 'http://woods.test/',
  position: index,
  fetchedAt: 0,
  epoch: 1n,
  run: 1,
  specHash: '',
  data: JSON.stringify({ name: index % 100 === 99 ? 'Fox' : 'hare' }),
  traceId: '',
}));

describe('a search of items', () => {
  let clock: number;
  let reads: number[];
  const store = {
    items: async (_: string, after: number, limit: number) => {
      clock += 400;
      reads.push(limit);
      return ITEMS.filter(({ number }) => number > after).slice(0, limit);
    },
  };
  const search = (after: number, limit: number, contains: string) =>
    searchItems(store, { resource: 'woods', after, limit, contains }, { now: () => clock });
  beforeEach(() => {
    clock = 0;
    reads = [];
  });

  it('ends with as many as are wanted, and goes on right after the last of them', async () => {
    const first = await search(0, 3, 'fox');
    expect(first).toMatchObject({ searchedCount: 300, next: 3_000 });
    expect(first.items.map(({ position }) => position)).toEqual([99, 199, 299]);
    const second = await search(3_000, 1, 'fox');
    expect(second).toMatchObject({ items: [{ position: 399 }], searchedCount: 100, next: 4_000 });
  });

  it('that finds nothing ends after its time, whatever is left, and says where to go on', async () => {
    expect(await search(0, 100, 'wolf')).toEqual({ items: [], searchedCount: 1_500, next: 15_000 });
    expect(await search(15_000, 100, 'wolf')).toEqual({ items: [], searchedCount: 700, next: undefined });
  });

  it('looks at some however long that takes', async () => {
    const found = await searchItems(
      store,
      { resource: 'woods', after: 0, limit: 10, contains: 'wolf' },
      { now: () => clock, forMs: 0 },
    );
    expect(found).toMatchObject({ searchedCount: 500, next: 5_000 });
  });

  it('for nothing reads no more than is wanted', async () => {
    const found = await search(0, 7, '');
    expect([found.items.length, found.next, reads]).toEqual([7, 70, [7]]);
  });

  it('finds in steps what it would find at once', async () => {
    const positions: number[] = [];
    let searched = 0;
    for (let after: number | undefined = 0; after !== undefined;) {
      const found = await search(after, 4, 'FOX');
      positions.push(...found.items.map(({ position }) => position));
      searched += found.searchedCount;
      after = found.next;
    }
    expect(positions).toEqual(Array.from({ length: 22 }, (_, index) => 100 * index + 99));
    expect(searched).toBe(TOTAL);
  });
});

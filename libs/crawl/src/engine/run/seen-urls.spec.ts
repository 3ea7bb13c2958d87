import * as fc from 'fast-check';
import { SeenUrls } from './seen-urls.js';

describe('the URLs that were seen', () => {
  it('are never more than there is room for, and the last ones are always among them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.nat({ max: 30 }).map(String), { maxLength: 200 }),
        (capacity, urls) => {
          const seen = new SeenUrls(() => capacity);
          const before: string[] = [];
          for (const url of urls) {
            const isNews = seen.isNews(url);
            const recent = new Set<string>();
            for (let at = before.length - 1; at >= 0 && recent.size < capacity; at--) {
              recent.add(before[at] as string);
            }
            if (recent.has(url)) expect(isNews).toBe(false);
            if (!before.includes(url)) expect(isNews).toBe(true);
            before.push(url);
          }
          expect(seen.size).toBeLessThanOrEqual(2 * capacity);
        },
      ),
    );
  });

  it('are all news again when they were forgotten', () => {
    const seen = new SeenUrls(() => 10);
    expect([seen.isNews('a'), seen.isNews('a')]).toEqual([true, false]);
    seen.forget();
    expect(seen.isNews('a')).toBe(true);
  });
});

import * as fc from 'fast-check';
import { fingerprintOf, Fingerprints } from './fingerprints.js';

describe('a set of fingerprints', () => {
  it('knows exactly the texts that were added to it', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
        const prints = new Fingerprints();
        for (const text of added) prints.add(fingerprintOf(text));
        expect(prints.size).toBe(new Set(added).size);
        for (const text of [...added, ...asked]) {
          expect(prints.has(fingerprintOf(text))).toBe(added.includes(text));
        }
        prints.clear();
        expect(added.filter((text) => prints.has(fingerprintOf(text)))).toEqual([]);
      }),
    );
  });

  it('tells 300,000 URLs apart that differ in a digit or two', () => {
    const prints = new Fingerprints();
    const urls = Array.from(
      { length: 300_000 },
      (_, n) => `http://site.test/section-${n % 97}/page-${n}.html`,
    );
    for (const url of urls) prints.add(fingerprintOf(url));
    expect(prints.size).toBe(urls.length);
    expect(prints.has(fingerprintOf('http://site.test/section-1/page-300000.html'))).toBe(false);
  });

  it('spreads such URLs evenly in each of its words', () => {
    const counts = [0, 1, 2].map(() => new Uint32Array(64));
    for (let n = 0; n < 64_000; n++) {
      fingerprintOf(`http://site.test/page-${n}`).forEach((word, lane) => {
        const bucket = word & 63;
        (counts[lane] as Uint32Array)[bucket] = ((counts[lane] as Uint32Array)[bucket] ?? 0) + 1;
      });
    }
    // A thousand each; five standard deviations to either side.
    for (const count of counts.flatMap((lane) => [...lane])) {
      expect(count).toBeGreaterThan(840);
      expect(count).toBeLessThan(1_160);
    }
  });
});

import { isOrbweaverError } from '@app/errors';
import { specHash } from './spec-hash.js';
import { parseTaskSpec } from './task-spec.js';

const SEEDS = ['http://site.test/'];

describe('a task spec', () => {
  it('needs only seeds; the rest has defaults', () => {
    expect(parseTaskSpec({ seeds: SEEDS })).toMatchObject({
      name: undefined,
      seeds: [{ kind: 'page', url: SEEDS[0] }],
      maxDepth: 3,
      maxPages: 1_000,
      delayMs: 1_000,
      timeoutMs: 30_000,
      userAgent: 'Orbweaver/0.1',
    });
  });

  it('reads durations as they are written elsewhere, and a plain 0', () => {
    expect(parseTaskSpec({ seeds: SEEDS, delay: '1m30s', timeout: '300ms' })).toMatchObject({
      delayMs: 90_000,
      timeoutMs: 300,
    });
    expect(parseTaskSpec({ seeds: SEEDS, delay: 0 }).delayMs).toBe(0);
  });

  it('brings seeds into their normal form, each once', () => {
    const seeds = ['HTTP://Site.test:80', 'http://site.test/#top', 'https://site.test/a/../b?'];
    expect(parseTaskSpec({ seeds }).seeds.map(({ url }) => url)).toEqual([
      'http://site.test/',
      'https://site.test/b',
    ]);
  });

  it.each([
    [{}, 'seeds: expected a list of URLs to begin with'],
    [{ seeds: [] }, 'seeds: expected at least one URL to begin with'],
    [
      { seeds: ['http://ok.test', 'ftp://site.test'] },
      'seeds[1]: expected an http or https URL, got "ftp://site.test"',
    ],
    [{ seeds: [7] }, 'seeds[0]: expected a URL'],
    [{ seeds: SEEDS, maxDepth: -1 }, 'maxDepth: expected a whole number between 0 and 1000'],
    [{ seeds: SEEDS, maxPages: 1.5 }, 'maxPages: expected a whole number between 1 and 1000000000'],
    [{ seeds: SEEDS, maxPages: '7' }, 'maxPages: expected a whole number'],
    [{ seeds: SEEDS, delay: 5 }, 'delay: expected a duration of at most 1h, written like 300ms, 5s or 2m'],
    [{ seeds: SEEDS, delay: '2 weeks' }, 'delay: expected a duration of at most 1h'],
    [{ seeds: SEEDS, timeout: 0 }, 'timeout: expected a duration between 1ms and 10m'],
    [{ seeds: SEEDS, userAgent: 'a\r\nHost: b' }, 'userAgent: expected 1 to 256 printable ASCII characters'],
    [{ seeds: SEEDS, maxDepht: 2 }, 'maxDepht: unknown key, is "maxDepth" meant?'],
    [{ seeds: SEEDS, colour: 2 }, 'colour: unknown key, known are name, seeds, root'],
    ['text', 'expected an object with at least "seeds"'],
    [null, 'expected an object with at least "seeds"'],
  ])('%j is refused: %s', (value, message) => {
    expect(() => parseTaskSpec(value)).toThrow(message);
  });

  it('tells every fault at once', () => {
    const parse = () => parseTaskSpec({ seed: SEEDS, maxDepth: 'x', delay: 'y', userAgent: '' });
    for (const path of ['seeds', 'maxDepth', 'delay', 'userAgent', 'seed: unknown key, is "seeds" meant?']) {
      expect(parse).toThrow(path);
    }
    try {
      parse();
    } catch (error) {
      expect(isOrbweaverError(error, 'INVALID_ARGUMENT')).toBe(true);
    }
  });

  it('has the same hash as another that crawls the same, however written, and no other', () => {
    const hash = specHash(parseTaskSpec({ seeds: SEEDS }));
    const same = { name: 'x', maxDepth: 3, delay: '1000ms', seeds: ['http://SITE.test'] };
    expect(specHash(parseTaskSpec(same))).toBe(hash);
    expect(specHash(parseTaskSpec({ seeds: SEEDS, maxDepth: 4 }))).not.toBe(hash);
  });
});

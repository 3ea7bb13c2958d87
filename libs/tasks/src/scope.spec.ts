import * as fc from 'fast-check';
import { normalizeUrl } from './page-url.js';
import { urlScope } from './scope.js';
import { parseTaskSpec } from './task-spec.js';
import { compileUrlPattern } from './url-pattern.js';

const SEEDS = ['http://site.test/', 'http://other.test:8080/x'];

describe('the scope of a task', () => {
  it.each([
    [{}, 'http://site.test/a', true],
    [{}, 'https://site.test/a', true],
    [{}, 'http://site.test:81/a', false],
    [{}, 'http://other.test:8080/', true],
    [{}, 'http://other.test/', false],
    [{}, 'http://sub.site.test/', false],
    [{ deny: '/private/' }, 'http://site.test/private/x', false],
    [{ deny: 'site.test' }, 'http://site.test/', false],
    [{ allow: 'third.test' }, 'http://third.test:81/', true],
    [{ allow: 'third.test' }, 'http://site.test/', false],
    [{ allow: ['site.test', 'third.test'], deny: 'http://*/old/*' }, 'http://third.test/old/x', false],
  ])('of %j: %s %s', (keys, url, within) => {
    expect(urlScope(parseTaskSpec({ seeds: SEEDS, ...keys }))(pageUrl(url))).toBe(within);
  });
});

describe('a pattern of URLs', () => {
  it.each([
    ['*', 'http://any.test/', true],
    ['site.test', 'http://site.test:81/', true],
    ['Site.TEST', 'http://site.test/', true],
    ['site.test', 'http://a.site.test/', false],
    ['*.site.test', 'http://a.site.test/', true],
    ['*.site.test', 'http://site.test/', false],
    ['site.test:81', 'http://site.test:81/', true],
    ['site.test:81', 'http://site.test/', false],
    ['[::1]', 'http://[::1]:81/', true],
    ['http://site.test/', 'http://site.test/', true],
    ['http://site.test/', 'http://site.test/a', false],
    ['http://site.test/a*z', 'http://site.test/a/z', true],
    ['http://site.test/a*z', 'http://site.test/a', false],
    ['http://site.test/*a*a', 'http://site.test/a', false],
    ['*/books/*', 'http://site.test/books/1', true],
    ['*/books/*', 'http://site.test/books', false],
    ['/[?&]page=\\d+/', 'http://site.test/?page=2', true],
    ['/^https:/', 'http://site.test/', false],
  ])('%s and %s: %s', (pattern, url, matches) => {
    expect(compileUrlPattern(pattern)(pageUrl(url))).toBe(matches);
  });

  it.each([
    ['site.test/books', 'expected a host, a URL'],
    ['ftp://site.test/*', 'expected a host, a URL'],
    ['a b', 'expected a host, a URL'],
    ['', 'expected a host, a URL'],
    ['/books', 'expected a host, a URL'],
    ['/(/', 'not a regular expression'],
  ])('%s is refused', (pattern, reason) => {
    expect(() => compileUrlPattern(pattern)).toThrow(reason);
  });

  it('with stars matches what the same regular expression does', () => {
    const piece = fc.stringMatching(/^[ab/]{0,3}$/);
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.stringMatching(/^[ab/]{0,12}$/),
        (pieces, path) => {
          const url = pageUrl(`http://h/${path}`);
          const pattern = `http://h/${pieces.join('*')}`;
          expect(compileUrlPattern(pattern)(url)).toBe(
            new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(url.href),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

function pageUrl(href: string) {
  const url = normalizeUrl(href);
  if (url === undefined) throw new Error(`no URL: ${href}`);
  return url;
}

import * as fc from 'fast-check';
import { normalizeUrl } from './page-url.js';

const BASE = 'http://site.test/dir/page?x=1';

describe('the normal form of a URL', () => {
  it.each([
    ['other', 'http://site.test/dir/other'],
    ['/a/./b/../c', 'http://site.test/a/c'],
    ['?y=2', 'http://site.test/dir/page?y=2'],
    ['#part', 'http://site.test/dir/page?x=1'],
    ['a#', 'http://site.test/dir/a'],
    ['a?', 'http://site.test/dir/a'],
    ['//Other.TEST:80/A', 'http://other.test/A'],
    ['https://other.test:443', 'https://other.test/'],
    ['http://other.test:8080', 'http://other.test:8080/'],
    ['http://user:secret@site.test/', 'http://site.test/'],
    ['/%7euser/%e4%2f', 'http://site.test/~user/%E4%2F'],
    ['  /spaced  ', 'http://site.test/spaced'],
    ['http://bücher.test/ä', 'http://xn--bcher-kva.test/%C3%A4'],
  ])('%s is %s', (href, normal) => {
    expect(normalizeUrl(href, BASE)?.href).toBe(normal);
  });

  it.each([
    ['mailto:a@b.test'],
    ['javascript:void(0)'],
    ['ftp://site.test/'],
    ['http://'],
    ['http://[bad'],
    [`/${'x'.repeat(3_000)}`],
  ])('%s has none', (href) => {
    expect(normalizeUrl(href, BASE)).toBeUndefined();
  });

  it('is its own normal form', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const once = normalizeUrl(url);
        expect(normalizeUrl(once?.href ?? '')).toEqual(once);
      }),
    );
  });
});

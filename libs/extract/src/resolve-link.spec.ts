import { normalizeUrl } from '@app/tasks';
import * as fc from 'fast-check';
import { processorMsOf } from '../../../test/support/processor-time.js';
import { linkResolver } from './resolve-link.js';

describe('a link', () => {
  it('has the normal form of its URL, whichever way it is found', () => {
    const part = fc.constantFrom(
      'a',
      'B9',
      '/',
      '//',
      '.',
      '..',
      '?',
      '#',
      '%41',
      '%e4',
      'ä',
      '&',
      '=',
      ';',
      ' ',
      '\\',
      '@',
      ':',
      '~',
      '-',
      '_',
      '*',
      "'",
      '"',
      '<',
      '\t',
      '\n',
      '\0',
      'http:',
      'http://site.test',
      'http://site.test:8080',
      '//x.test',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.webUrl(),
      fc.string(),
    );
    const bases = ['http://site.test/dir/page?x=1', 'http://site.test:8080/', 'https://Site.test:443/a/b'];
    fc.assert(
      fc.property(text, fc.constantFrom(...bases), (link, base) => {
        expect(linkResolver(base)(link)).toEqual(normalizeUrl(link, base));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['/book/1.html', 'http://site.test/book/1.html'],
    ['http://site.test/list?p=2&q=a.b', 'http://site.test/list?p=2&q=a.b'],
    ['http://site.testing/x', 'http://site.testing/x'],
    ['http://site.test', 'http://site.test/'],
    ['/a/../b', 'http://site.test/b'],
    ['/a?', 'http://site.test/a'],
  ])('%s is %s', (link, href) => {
    expect(linkResolver('http://site.test/dir/')(link)?.href).toBe(href);
  });

  it('of any length is looked at in time that is linear in it', () => {
    const resolve = linkResolver('http://site.test/');
    const spentMs = processorMsOf(() => {
      for (const text of ['/a'.repeat(1e6), '/a-'.repeat(1e6) + '%', '/' + 'a'.repeat(2e6) + '!'])
        resolve(text);
    });
    expect(spentMs).toBeLessThan(10_000);
  });
});

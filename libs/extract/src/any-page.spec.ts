import { isOrbweaverError } from '@app/errors';
import { normalizeUrl, parseTaskSpec, SITEMAP_RULE, urlScope } from '@app/tasks';
import * as fc from 'fast-check';
import { compileTask } from './compile-task.js';

const spec = parseTaskSpec({
  seeds: ['http://site.test/'],
  rules: {
    page: {
      follow: [
        { select: 'a', to: 'list', carry: { of: 'h1', here: { css: ':scope' } } },
        { match: '"(.*?)"', to: 'page' },
        { each: 'li', select: '@data-x', to: 'list' },
      ],
      paginate: 'a ~ a',
      fields: {
        text: 'p',
        html: 'div@html',
        many: { css: 'li, td', many: true, type: 'number' },
        regex: { regex: '<(\\w+)', many: true },
        json: '$..a',
        ld: { jsonld: { type: 'x', path: '$.*' } },
        date: { css: 'b', type: 'date' },
        data: { css: 'script', type: 'json' },
        url: { css: 'a@href', type: 'url', required: true },
      },
    },
    list: {
      each: 'li',
      fields: { nth: ':nth-child(2)', all: { css: '*', many: true, type: 'raw' } },
      where: '.',
    },
  },
});
const task = compileTask(spec);
const isInScope = urlScope(spec);

const piece = fc.constantFrom(
  ...'<a href="/1"> <a href=2> <a href="//other.test/"> <a href="\0"> <base href=/b/> <h1> <li data-x=3> </li>'.split(
    ' ',
  ),
  ...'<p> </p> <div> </div> <td> <b>2024-01-01 <script> </script> {"a":[1]} [[[ &amp; &#0; &#xd800; <![CDATA[ <!--'.split(
    ' ',
  ),
  '<script type="application/ld+json">{"@type":"x","a":1}</script>',
  '\0',
  '\ud83d',
  '\u2028',
  '<svg><title>',
  '"',
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
  fc.json().map((text) => Buffer.from(text)),
);
const contentType = fc.constantFrom(
  'text/html',
  'text/html; charset=utf-16le',
  'text/html; charset=gbk',
  'application/json',
  'application/rss+xml',
  'text/plain',
  'image/png',
  '',
  'nonsense',
);

describe('any page', () => {
  it('is read, or fails with a reason; its links are normal and in scope', async () => {
    const page = fc.record({
      url: fc.constantFrom('http://site.test/', 'http://site.test/a/b?c'),
      contentType,
      body,
      rule: fc.constantFrom('page', 'list', SITEMAP_RULE, 'gone'),
      depth: fc.nat(3),
      carried: fc.constant({ x: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(page, async (content) => {
        try {
          const { links, items, title } = await task.extract(content);
          expect(links.map(({ url }) => normalizeUrl(url)?.href)).toEqual(links.map(({ url }) => url));
          expect(
            links.map(({ url }) => normalizeUrl(url)).every((url) => url !== undefined && isInScope(url)),
          ).toBe(true);
          expect(new Set(links.map(({ url, rule }) => `${rule} ${url}`)).size).toBe(links.length);
          expect(JSON.parse(JSON.stringify(items))).toEqual(items);
          expect(title).not.toContain('\0');
        } catch (error) {
          if (!isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('of 10 MB leaves turns to others while it is read', async () => {
    const row = '<tr><td class=a><a href="/x">link</a></td><td>text &amp; more</td></tr>';
    const body = Buffer.from(`<table>${row.repeat(Math.ceil(1e7 / row.length))}</table>`);
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const content = {
      url: 'http://site.test/',
      contentType: 'text/html',
      body,
      rule: 'list',
      depth: 0,
      carried: {},
    };
    await task.extract(content);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10);
  });
});

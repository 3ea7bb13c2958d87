import { compile, selectAll } from 'css-select';
import * as fc from 'fast-check';
import { isTag, isText, type ChildNode, type Document, type Element } from 'domhandler';
import { ElementType, parseDocument } from 'htmlparser2';
import { processorMsOf } from '../../../../test/support/processor-time.js';
import { HtmlText, type HtmlElement, type HtmlNode } from './element.js';
import { parseHtml, parseLongHtml } from './parse-html.js';
import { compileSelector } from './selector/compile-selector.js';

const TAGS =
  'div p a li ul table tr td tbody thead form svg title script style textarea math mi select option br img';
const PIECES = [
  ...TAGS.split(' ').flatMap((name) => [`<${name}>`, `</${name}>`]),
  '<a href=x class="b c">',
  '<DIV ID=x>',
  '<p class=b>',
  '<li class="a b" id=y>',
  '<b data-x="1&amp;2">',
  '<i>',
  'text',
  ' ',
  '\n',
  '&amp;',
  '&lt',
  '&#x41;',
  '&nope;',
  '<',
  '>',
  '"',
  "'",
  '=',
  '<!-- c -->',
  '<!---->',
  '<!x>',
  '<!doctype html>',
  '<![CDATA[x]]>',
  '<?x?>',
  '<p/>',
  '<path/>',
  '<br / >',
  '<x:y a b=c a=d>',
  "<u x='>' y>",
  '</ x>',
  '</>',
  '<a b="',
  '<!--',
  '<h1>',
  '</h1>',
  '<form>',
  '<image>',
  '<iframe>',
  '</iframe>',
  '\u{1F600}',
];
// What is left open at the end is read in different ways, all of them allowed.
const html = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => `${pieces.join('')}>`);

type Tree = [name: string, attributes: Record<string, string>, children: (Tree | string)[]];

function ours(element: HtmlElement): Tree {
  const attributes: Record<string, string> = {};
  for (let at = 0; at < element.attributes.length; at += 2) {
    attributes[element.attributes[at] ?? ''] = element.attributes[at + 1] ?? '';
  }
  const children = element.children.map((child: HtmlNode) =>
    child instanceof HtmlText ? child.data : ours(child),
  );
  return [element.name, attributes, joined(children)];
}

function theirs(node: Element | Document): Tree {
  const children = node.children.flatMap((child): (Tree | string)[] => {
    if (isText(child)) return [child.data];
    if (isTag(child)) return [theirs(child)];
    return child.type === ElementType.CDATA ? theirs(child as unknown as Document)[2] : [];
  });
  return 'name' in node
    ? [node.name.toLowerCase(), node.attribs, joined(children)]
    : ['', {}, joined(children)];
}

/** Theirs are cut where a comment or an entity was. */
function joined(children: (Tree | string)[]): (Tree | string)[] {
  const result: (Tree | string)[] = [];
  for (const child of children) {
    const last = result.at(-1);
    if (typeof child === 'string' && typeof last === 'string') result[result.length - 1] = last + child;
    else if (child !== '') result.push(child);
  }
  return result;
}

describe('HTML', () => {
  it('becomes the tree that htmlparser2 makes of it', () => {
    fc.assert(
      fc.property(html, (source) => {
        // In a text that is no markup theirs does not decode what follows a `<`.
        fc.pre(!/<(?:title|textarea)/i.test(source) || !/<[^>]*&/.test(source));
        expect(ours(parseHtml(source).root)).toEqual(theirs(parseDocument(source)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows where its elements are', () => {
    const source = '<ul><li>a<b>1</b><li>c</ul><p>d';
    const { elements } = parseHtml(source);
    const places = elements.map(({ name, start, contentStart, contentEnd, end, order, last }) => [
      name,
      source.slice(start, end),
      source.slice(contentStart, contentEnd),
      last - order,
    ]);
    expect(places).toEqual([
      ['ul', '<ul><li>a<b>1</b><li>c</ul>', '<li>a<b>1</b><li>c', 3],
      ['li', '<li>a<b>1</b>', 'a<b>1</b>', 1],
      ['b', '<b>1</b>', '1', 0],
      ['li', '<li>c', 'c', 0],
      ['p', '<p>d', 'd', 0],
    ]);
  });

  it('is the same when it is read in turns', async () => {
    const source = Array.from({ length: 40_000 }, (_, n) => `<p class=a${n}>text &amp; more<br>`).join('');
    let turns = 0;
    const read = await parseLongHtml(source, false, () => Promise.resolve(void turns++));
    expect(turns).toBeGreaterThan(2);
    expect(read.elements.length).toBe(80_000);
    expect(read.elements.at(-1)?.end).toBe(source.length);
  });

  it.each([
    ['nested', '<div>'.repeat(100_000)],
    ['nested in what is no HTML', '<svg>'.repeat(100_000)],
    ['closed in vain', '<div>'.repeat(50_000) + '</b>'.repeat(50_000)],
    ['opened and left', '<div><b>'.repeat(50_000) + '</div>'.repeat(50_000)],
    ['full of comments', '<!--'.repeat(100_000)],
    ['full of comments that end', '<!-- --!>'.repeat(100_000)],
    ['full of quotes', '<a b="'.repeat(100_000)],
    ['full of attributes', `<a ${Array.from({ length: 3_000 }, (_, n) => `a${n}`).join(' ')}>`],
    ['full of ends', '</'.repeat(200_000)],
    ['full of beginnings', '<'.repeat(500_000)],
    ['full of titles', '<title>'.repeat(100_000)],
    ['full of scripts', '<script></'.repeat(100_000)],
    ['full of entities', '&amp'.repeat(200_000)],
  ])('that is %s is read in time that is linear in it', (_, source) => {
    const spentMs = processorMsOf(() => {
      const document = parseHtml(source);
      for (const selector of ['div div b', 'p a:not(svg p) title', 'a ~ b', 'div:has(u)']) {
        for (const found of compileSelector(selector)(document)) void found;
      }
    });
    expect(spentMs).toBeLessThan(10_000);
  });
});

const SIMPLE = fc.constantFrom(
  'div',
  'p',
  'a',
  'li',
  '*',
  '.b',
  '.a.b',
  '#x',
  '[href]',
  '[class~=b]',
  '[class^=a]',
  '[id=Y i]',
  '[class*=" "]',
  '[class|=b]',
  '[class~=""]',
  '[class~="b c"]',
  '[class*=""]',
  '[class$=c]',
  '[class!=b]',
  ':first-child',
  ':last-child',
  ':only-child',
  'li:nth-child(2n+1)',
  ':nth-last-child(2)',
  'p:first-of-type',
  ':last-of-type',
  ':only-of-type',
  ':nth-of-type(even)',
  ':empty',
  ':not(.b)',
  ':not(div p)',
  ':is(p, .b)',
  ':has(a)',
  ':has(> p)',
  ':has(+ p)',
  ':has(~ li, b)',
  ':root',
  ':parent',
  'td:nth-child(-n+2)',
  ':nth-child(2 of .b)',
  ':header',
  ':not(:has(p))',
  ':where(a, b)',
  'div > p',
  ':disabled',
);
const COMBINATOR = fc.constantFrom(' ', ' > ', ' + ', ' ~ ', ', ');
const selectors = fc
  .array(fc.tuple(COMBINATOR, SIMPLE), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.map(([combinator, simple], at) => (at === 0 ? simple : combinator + simple)).join(''),
  );

describe('a selector', () => {
  it('finds what css-select finds', () => {
    const elementsOf = (node: Element | Document): Element[] =>
      node.children.filter(isTag).flatMap((child) => [child, ...elementsOf(child)]);
    fc.assert(
      fc.property(html, selectors, (source, selector) => {
        const document = parseHtml(source);
        const reference = parseDocument(source);
        const all = elementsOf(reference);
        const found = selectAll<ChildNode, Element>(compile<ChildNode, Element>(selector), reference);
        const numbers = [...compileSelector(selector)(document)].map(({ order }) => order);
        expect(numbers).toEqual(found.map((element) => all.indexOf(element)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('looks at the whole page and finds within its scope', () => {
    const document = parseHtml('<ul><li><b>1</b><i>2</i></li><li><b>3</b></li></ul>');
    const [, first] =
      compileSelector('li')(document) === undefined ? [] : [0, [...compileSelector('li')(document)][0]];
    const textIn = (selector: string): string[] =>
      [...compileSelector(selector)(document, first)].map(({ name }) => name);
    expect(textIn('ul b')).toEqual(['b']);
    expect(textIn('li')).toEqual([]);
    expect(textIn(':scope')).toEqual(['li']);
    expect(textIn('> i')).toEqual(['i']);
    expect(textIn(':scope > b, i')).toEqual(['b', 'i']);
  });

  it.each([
    ['flat', 'ul:has(b) li', `<ul>${'<li>x</li>'.repeat(50_000)}</ul>`],
    ['flat', 'li:nth-child(2n)', `<ul>${'<li>x</li>'.repeat(50_000)}</ul>`],
    ['flat', 'li:nth-last-of-type(2n)', `<ul>${'<li>x</li>'.repeat(50_000)}</ul>`],
    ['flat', 'a ~ li, a + li', `<ul>${'<li>x</li>'.repeat(50_000)}</ul>`],
    ['deep', 'a div div div p', '<div>'.repeat(511) + '<p>x</p>'.repeat(10_000)],
    ['deep', 'div:contains(y) p', '<div>'.repeat(511) + '<p>x</p>'.repeat(10_000)],
    ['deep', 'div:has(b) p:not(div a p)', '<div>'.repeat(511) + '<p>x</p>'.repeat(10_000)],
  ])('of a %s page is found in time: %s', (_, selector, source) => {
    const document = parseHtml(source);
    const spentMs = processorMsOf(() => {
      for (const found of compileSelector(selector)(document)) void found;
    });
    expect(spentMs).toBeLessThan(10_000);
  });

  it('that would look at too much is given up', () => {
    const document = parseHtml(`<ul>${'<li>x</li>'.repeat(20_000)}</ul>`);
    expect(() => [...compileSelector('li:has(~ b)')(document)]).toThrow('looks at too many elements');
  });

  it.each([['a['], [':nope'], ['a::before'], ['a || b'], [':nth-child(x)'], ['svg|a'], ['']])(
    'is not %j',
    (text) => {
      expect(() => compileSelector(text)).toThrow(/not a CSS selector/);
    },
  );
});

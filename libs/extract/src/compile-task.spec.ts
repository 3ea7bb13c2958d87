import { isOrbweaverError } from '@app/errors';
import { parseTaskSpec, type JsonValue, type Parser } from '@app/tasks';
import { compileTask } from './compile-task.js';
import type { Extraction, PageContent } from './extraction.js';
import type { Scripts } from './script/scripts.js';

const URL = 'http://site.test/dir/page';
const HTML = 'text/html; charset=utf-8';

function extract(rule: object, body: string | Buffer, about: Partial<PageContent> = {}): Promise<Extraction> {
  const rules = { page: rule, next: { fields: { title: 'title' } } };
  const task = compileTask(parseTaskSpec({ seeds: [URL], root: 'page', rules }));
  return task.extract(content(body, about));
}

function content(body: string | Buffer, about: Partial<PageContent>): PageContent {
  const page = { url: URL, contentType: HTML, body: Buffer.from(body), rule: 'page', depth: 1, carried: {} };
  return { ...page, ...about };
}

async function item(fields: object, body: string, about?: Partial<PageContent>) {
  const { items } = await extract({ fields }, body, about);
  return items[0];
}

async function linksOf(follow: object, body: string, about?: Partial<PageContent>) {
  return (await extract({ follow: { to: 'next', ...follow } }, body, about)).links;
}

const hrefs = async (follow: object, body: string) => (await linksOf(follow, body)).map(({ url }) => url);

describe('fields', () => {
  const book = `<title> A book </title><div id=info><h1>Title <b>bold</b></h1>
    <span class=price>£1,234.50</span><span class=price>2</span><img src="a.png"><br>
    Author: <a href="/ann">Ann &amp; Bo</a><p>one</p><p>two</p></div>
    <script type="application/ld+json">{"@graph":[{"@type":"Book","isbn":"1"},{"@type":["Offer"],"price":3}]}</script>
    <script id=state type="application/json">{"props":{"ids":[7,8]}}</script>`;

  it.each<[string, object | string, JsonValue]>([
    ['text', 'h1', 'Title bold'],
    ['an attribute', 'img@src', 'http://site.test/dir/a.png'],
    ['html', '#info h1@html', 'Title <b>bold</b>'],
    ['many', { css: 'p', many: true }, ['one', 'two']],
    ['none of many', { css: 'q', many: true }, []],
    ['a number', { css: '.price', type: 'number' }, 1234.5],
    ['what a regular expression finds in it', { css: '.price', match: '[\\d.]+' }, '1'],
    ['a regular expression', { regex: 'Author: <a href="(.*?)"', type: 'url' }, 'http://site.test/ann'],
    ['JSON-LD of a type', { jsonld: { type: 'Book', path: '$.isbn' } }, '1'],
    ['JSON-LD of any type', { jsonld: '$.price' }, 3],
    ['JSON within an element', { css: '#state', json: '$.props.ids[*]', many: true }, [7, 8]],
    ['the URL', { url: true }, URL],
    ['a carried value', { carried: 'tag' }, 'x'],
    ['a constant', { constant: [1] }, [1]],
    ['what is missing', 'q', null],
    ['what cannot be cast', { css: 'h1', type: 'integer' }, null],
    ['a default', { css: 'q', default: 'none' }, 'none'],
    ['the first that can be cast', { css: 'h1, .price', type: 'number' }, 1234.5],
  ])('can be %s', async (_, field, value) => {
    const found = await item({ field, url: { url: true } }, book, { carried: { tag: 'x' } });
    expect(found).toEqual({ field: value, url: URL });
  });

  it('of an item that has none of them make no item', async () => {
    expect((await extract({ fields: { a: 'q', b: { css: 'q', many: true } } }, '<p>')).items).toEqual([]);
  });

  it('are looked for in each element that is an item', async () => {
    const html = '<ul><li data-id=1><b>a</b><li data-id=2><i>no</i></ul>';
    const fields = {
      id: '@data-id',
      b: 'b',
      ul: 'ul b',
      source: { regex: 'data-id=(\\d)', type: 'integer' },
    };
    expect((await extract({ each: 'li', fields }, html)).items).toEqual([
      { id: '1', b: 'a', ul: 'a', source: 1 },
      { id: '2', b: null, ul: null, source: 2 },
    ]);
  });

  it('are looked for only where the rule says', async () => {
    const html = '<li>sold <b>1</b></li><li>new <b>2</b></li>';
    const rule = { where: 'new', fields: { b: 'b' }, follow: { select: 'a', to: 'next' } };
    expect((await extract({ ...rule, each: 'li' }, html)).items).toEqual([{ b: '2' }]);
    expect(await extract(rule, '<a href=/1></a><b>1</b>')).toMatchObject({ items: [], links: [{}] });
  });

  it.each([
    [{ css: '.price' }, 'the required field "f" of rule "page" is missing: .price finds nothing'],
    [{ css: 'p', type: 'integer' }, 'p finds "call us", which is no integer'],
    [{ css: 'p@title' }, 'p@title finds nothing'],
    [{ css: 'p', match: '\\d+' }, 'p matched by \\d+ finds nothing'],
    [{ json: '$.a' }, '$.a finds nothing'],
    [{ carried: 'tag' }, 'the carried value "tag" finds nothing'],
  ])('that are required fail the page without them: %j', async (field, message) => {
    const error: unknown = await item({ f: { ...field, required: true } }, '<p>call us</p>').catch(
      (e: unknown) => e,
    );
    expect(isOrbweaverError(error, 'EXTRACT_FAILED')).toBe(true);
    expect(String(error)).toContain(message);
  });

  it('are found in JSON, whatever it calls itself', async () => {
    const fields = { name: '$.book.name', n: { json: '$.n', type: 'text' } };
    for (const contentType of ['application/json', 'application/ld+json', 'text/plain', '']) {
      const found = await item(fields, '{"book":{"name":"x"},"n":1}', { contentType });
      expect(found).toEqual({ name: 'x', n: '1' });
    }
  });

  it('cannot change what objects are', async () => {
    const found = await item({ x: { css: 'p', json: '$' } }, '<p>{"__proto__":{"y":1}}</p>');
    expect(found).toMatchObject({ x: JSON.parse('{"__proto__":{"y":1}}') as JsonValue });
    expect(({} as { y?: number }).y).toBeUndefined();
  });
});

describe('links', () => {
  it('are normal, in scope, each once, and follow the base element', async () => {
    const html = `<base href="/b/"><a href=x>1</a><a href="x#part">2</a><a href="http://other.test/">3</a>
      <a href="mailto:a@b.test">4</a><a>5</a><a href="?q=1&amp;r=2">6</a><a href="/${'y'.repeat(2_048)}">7</a>`;
    expect(await hrefs({ select: 'a' }, html)).toEqual([
      'http://site.test/b/x',
      'http://site.test/b/?q=1&r=2',
    ]);
  });

  it('carry what stands beside them, and all that their page carries', async () => {
    const html = '<li><a href=1>x</a><i>one</i></li><li><a href=2>x</a></li>';
    const follow = { each: 'li', select: 'a', carry: { note: 'i', list: { carried: 'tag' } }, priority: 3 };
    const links = await linksOf(follow, html, { carried: { tag: 't' } });
    expect(links).toEqual([
      {
        url: 'http://site.test/dir/1',
        host: 'site.test',
        rule: 'next',
        priority: 3,
        isPagination: false,
        carried: { tag: 't', note: 'one', list: 't' },
      },
      expect.objectContaining({ carried: { tag: 't', note: null, list: 't' } }),
    ]);
  });

  it('carry what is within themselves, where nothing else holds them', async () => {
    const html = '<h1>Tags</h1><a href=1>one</a><a href=2>two</a>';
    const follow = { select: 'a', carry: { tag: { css: ':scope' }, of: 'h1' } };
    expect((await linksOf(follow, html)).map(({ carried }) => carried)).toEqual([
      { tag: 'one', of: 'Tags' },
      { tag: 'two', of: 'Tags' },
    ]);
  });

  it('can be found by a regular expression, in what is no HTML too', async () => {
    const follow = { match: 'href="([^"]+)"', where: '/book/\\d+$' };
    const html = '<a href="/book/1">1</a><a href="/book/x">x</a><!-- <a href="/book/2"> -->';
    expect(await hrefs(follow, html)).toEqual(['http://site.test/book/1', 'http://site.test/book/2']);
    const links = await linksOf({ match: '/book/\\d+' }, 'see /book/3', { contentType: 'text/plain' });
    expect(links.map(({ url }) => url)).toEqual(['http://site.test/book/3']);
  });

  it('to further pages of a list stay at its depth', async () => {
    const { links } = await extract({ paginate: 'a.next', fields: { t: 'p' } }, '<a class=next href="?p=2">');
    expect(links).toMatchObject([{ url: 'http://site.test/dir/page?p=2', rule: 'page', isPagination: true }]);
  });

  it('are at most 10,000, of a page of 100,000', async () => {
    const html = Array.from({ length: 100_000 }, (_, n) => `<a href="/${n}">`).join('');
    expect(await linksOf({ select: 'a' }, html)).toHaveLength(10_000);
  });

  it('carry at most 16 Ki characters', async () => {
    const html = `<div><a href=1></a><i>${'x'.repeat(20_000)}</i></div>`;
    await expect(linksOf({ each: 'div', select: 'a', carry: { i: 'i' } }, html)).rejects.toThrow(
      /longer than 16384/,
    );
  });
});

describe('a page', () => {
  it('has a title', async () => {
    const html = '<svg><title>picture</title></svg><title> A &amp;\n B </title><title>C</title>';
    expect((await extract({ fields: { q: 'q' } }, html)).title).toBe('A & B');
  });

  it.each([
    ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255])],
    ['application/pdf', Buffer.from('%PDF <a href=x>')],
    [HTML, Buffer.from([0, 1, 2, 0xff, 0xfe, 0x3c, 0x61, 0])],
    [HTML, Buffer.alloc(0)],
    ['nonsense', Buffer.from('<a href=x>')],
  ])('that is %s, but no HTML, has no links and does not fail', async (contentType, body) => {
    const about = { contentType, body };
    expect(await linksOf({ select: 'a' }, '', about)).toEqual([]);
  });

  it('is XML where it says so', async () => {
    const xml = '<rss><item><link>http://site.test/1</link><Title><![CDATA[a <b>]]></Title></item></rss>';
    const rule = { each: 'item', fields: { link: 'link', title: 'title' } };
    expect((await extract(rule, xml, { contentType: 'application/rss+xml' })).items).toEqual([
      { link: 'http://site.test/1', title: 'a <b>' },
    ]);
  });

  it('of a rule that the task does not have fails', async () => {
    await expect(extract({ fields: { q: 'q' } }, '', { rule: 'gone' })).rejects.toThrow('no rule "gone"');
  });
});

describe('a parse function', () => {
  const html = '<h1>T</h1><a href="/1">x</a><p>1</p><p>2</p>';
  const rules = { page: { fields: { title: 'h1', no: 'q' } }, next: { fields: { title: 'h1' } } };

  function parse(parser: Parser, about: Partial<PageContent> = {}): Promise<Extraction> {
    const task = compileTask(parseTaskSpec({ seeds: [URL], root: 'page', rules }), { page: parser });
    return task.extract(content(html, about));
  }

  it('makes the items of what the fields found', async () => {
    const { items } = await parse(({ item, items: all, url }) => [
      { ...item, count: all.length, url, gone: undefined },
    ]);
    expect(items).toEqual([{ title: 'T', no: null, count: 1, url: URL }]);
    expect((await parse(() => undefined)).items).toEqual([]);
    expect((await parse(async () => ({ a: 1 }))).items).toEqual([{ a: 1 }]);
  });

  it('can ask the page for more, and follow links', async () => {
    const { items, links } = await parse((_, page) => {
      page.follow('/2', { to: 'next', priority: 2, carry: { a: 1 } });
      page.follow('http://other.test/');
      page.follow('?p=2', { paginate: true });
      return {
        one: page.match('<p>(\\d)'),
        all: page.matchAll('<p>(\\d)'),
        first: page.select('a@href'),
        texts: page.selectAll('p'),
      };
    });
    expect(items).toEqual([{ one: '1', all: ['1', '2'], first: '/1', texts: ['1', '2'] }]);
    expect(links).toMatchObject([
      { url: 'http://site.test/2', rule: 'next', priority: 2, carried: { a: 1 }, isPagination: false },
      { url: 'http://site.test/dir/page?p=2', rule: 'page', isPagination: true },
    ]);
  });

  it.each<[string, Parser]>([
    ['the parse function of rule "page" threw Error: no', () => Promise.reject(new Error('no'))],
    ['threw TypeError', () => (undefined as unknown as { x: 1 }[])[0]],
    ['gives 7 for an item; expected an object', () => 7 as never],
    [
      'follows to the rule "gone", which the task does not have',
      (_, page) => page.follow('/', { to: 'gone' }),
    ],
    ['threw OrbweaverError', (_, page) => ({ a: page.select('a[') ?? null })],
  ])('fails its page: %s', async (reason, parser) => {
    await expect(parse(parser)).rejects.toMatchObject({
      code: 'EXTRACT_FAILED',
      message: expect.stringContaining(reason) as string,
    });
  });
});

describe('a script', () => {
  function script(
    source: string,
    answer?: Partial<Awaited<ReturnType<Scripts['run']>>>,
  ): Promise<Extraction> {
    const scripts: Scripts = {
      run: () => Promise.resolve({ isDone: true, items: [], follows: [], log: [], ...answer }),
    };
    const spec = parseTaskSpec({ seeds: [URL], rules: { page: { script: source } } });
    return compileTask(spec, {}, () => scripts).extract(content('<title>T</title>', { carried: { a: 1 } }));
  }

  const follow = { url: '/1', rule: undefined, priority: 0, carry: '{"b":2}', isPagination: false };

  it('gives items and links as any rule does', async () => {
    const answer = {
      items: ['{"a":1}'],
      follows: [follow, { ...follow, url: 'http://other.test/' }],
      log: ['x'],
    };
    expect(await script('1', answer)).toEqual({
      title: 'T',
      items: [{ a: 1 }],
      links: [
        {
          url: 'http://site.test/1',
          host: 'site.test',
          rule: 'page',
          priority: 0,
          isPagination: false,
          carried: { a: 1, b: 2 },
        },
      ],
      log: ['x'],
    });
  });

  it('fails its page when it follows to a rule that is none', async () => {
    await expect(script('1', { follows: [{ ...follow, rule: 'gone' }] })).rejects.toThrow('the rule "gone"');
  });
});

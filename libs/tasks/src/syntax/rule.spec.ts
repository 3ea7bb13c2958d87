import { parseTaskSpec } from '../task-spec.js';

function rule(written: object) {
  return parseTaskSpec({ seeds: 'http://site.test/', rules: { page: written, other: {} }, root: 'page' })
    .rules['page'];
}

const PLAIN = { match: undefined, type: 'text', many: false, required: false, default: undefined };

describe('a field', () => {
  it.each([
    ['h1', { ...PLAIN, from: { kind: 'css', select: 'h1', take: 'text' } }],
    [' .price @text', { ...PLAIN, from: { kind: 'css', select: '.price', take: 'text' } }],
    ['.about@html', { ...PLAIN, type: 'raw', from: { kind: 'css', select: '.about', take: 'html' } }],
    ['a@href', { ...PLAIN, type: 'url', from: { kind: 'css', select: 'a', take: { attribute: 'href' } } }],
    ['@data-ID', { ...PLAIN, from: { kind: 'css', select: ':scope', take: { attribute: 'data-id' } } }],
    ['a[href="m@b"]', { ...PLAIN, from: { kind: 'css', select: 'a[href="m@b"]', take: 'text' } }],
    ['$.a[0]', { ...PLAIN, type: 'json', from: { kind: 'json', path: '$.a[0]', within: undefined } }],
    [
      { css: 'script#data', json: '$.a' },
      {
        ...PLAIN,
        type: 'json',
        from: { kind: 'json', path: '$.a', within: { select: 'script#data', take: 'text' } },
      },
    ],
    [{ regex: 'a(b)' }, { ...PLAIN, match: 'a(b)', from: { kind: 'regex' } }],
    [
      { jsonld: '$.name' },
      { ...PLAIN, type: 'json', from: { kind: 'jsonld', type: undefined, path: '$.name' } },
    ],
    [
      { jsonld: { type: 'Book', path: '$.name' } },
      { ...PLAIN, type: 'json', from: { kind: 'jsonld', type: 'Book', path: '$.name' } },
    ],
    [{ carried: 'tag' }, { ...PLAIN, type: 'json', from: { kind: 'carried', name: 'tag' } }],
    [{ url: true }, { ...PLAIN, type: 'url', from: { kind: 'url' } }],
    [{ constant: null }, { ...PLAIN, type: 'json', from: { kind: 'constant', value: null } }],
    [
      { css: '.x', match: '\\d+', type: 'integer', many: true, default: [] },
      {
        ...PLAIN,
        from: { kind: 'css', select: '.x', take: 'text' },
        match: '\\d+',
        type: 'integer',
        many: true,
        default: [],
      },
    ],
  ])('%j is %j', (written, field) => {
    expect(rule({ fields: { x: written } })).toMatchObject({ fields: { x: field } });
  });

  it.each([
    [7, 'rules.page.fields.x: expected a selector, a JSON path or an object'],
    ['', 'rules.page.fields.x: expected a CSS selector'],
    ['a[', 'rules.page.fields.x: not a CSS selector'],
    ['$.', 'rules.page.fields.x: not a JSON path'],
    [{}, 'rules.page.fields.x: expected one of css, regex, json, jsonld, carried, url, constant'],
    [{ css: 'a', carried: 'b' }, 'rules.page.fields.x: expected one of css, regex'],
    [{ css: 'a:foo' }, 'rules.page.fields.x.css: unknown pseudo-class :foo'],
    [{ css: 'a', typ: 'text' }, 'rules.page.fields.x.typ: unknown key, is "type" meant?'],
    [{ css: 'a', type: 'float' }, 'rules.page.fields.x.type: expected one of text, raw, integer'],
    [
      { css: 'a', match: '(?=b)' },
      'rules.page.fields.x.match: not a regular expression that runs in linear time',
    ],
    [{ regex: 'a', match: 'b' }, 'rules.page.fields.x.match: does not go with "regex"'],
    [{ css: 'a', required: true, default: 1 }, 'rules.page.fields.x.default: does not go with "required"'],
    [{ jsonld: { path: 'a' } }, 'rules.page.fields.x.jsonld.path: not a JSON path'],
    [{ url: false }, 'rules.page.fields.x.url: expected true'],
  ])('%j is refused: %s', (written, message) => {
    expect(() => rule({ fields: { x: written } })).toThrow(message);
  });

  it('has a name that no key of the program can be', () => {
    expect(() => rule({ fields: { _url: 'a' } })).toThrow('rules.page.fields._url: a name has letters');
    expect(rule({ fields: { 作者: 'a', 'list-price_2': 'b' } })).toBeDefined();
  });
});

describe('what a rule follows', () => {
  const LINK = { each: undefined, where: undefined, to: 'page', priority: 0, carry: {} };

  it.each([
    ['a.next', [{ ...LINK, link: { select: 'a.next', attribute: 'href' } }]],
    [
      ['a', 'img@src'],
      [{ ...LINK, link: { select: 'a', attribute: 'href' } }, { link: { attribute: 'src' } }],
    ],
    [
      { each: 'li', select: 'a', to: 'other', where: '/x/', priority: -2, carry: { tag: 'b' } },
      [
        {
          each: 'li',
          link: { select: 'a', attribute: 'href' },
          where: '/x/',
          to: 'other',
          priority: -2,
          carry: { tag: { ...PLAIN, from: { kind: 'css', select: 'b', take: 'text' } } },
        },
      ],
    ],
    [{ each: 'a.tag' }, [{ ...LINK, each: 'a.tag', link: { select: ':scope', attribute: 'href' } }]],
    [{ match: '"(/t/\\d+)"' }, [{ ...LINK, link: { match: '"(/t/\\d+)"' } }]],
  ])('%j is %j', (written, follow) => {
    expect(rule({ follow: written })).toMatchObject({ follow });
  });

  it('goes on with pages of the same rule', () => {
    expect(rule({ paginate: '.next a' })).toMatchObject({
      paginate: { ...LINK, link: { select: '.next a', attribute: 'href' } },
    });
  });

  it.each([
    [{ follow: 7 }, 'rules.page.follow: expected a selector of links, or an object'],
    [{ follow: { to: 'other' } }, 'rules.page.follow: expected "select" or "match"'],
    [{ follow: { select: 'a', match: 'b' } }, 'rules.page.follow: expected "select" or "match", not both'],
    [{ follow: { select: 'a', to: 'othr' } }, 'rules.page.follow.to: no rule "othr", is "other" meant?'],
    [
      { follow: ['a', { select: 'a', to: 'x' }] },
      'rules.page.follow[1].to: no rule "x", known are page, other',
    ],
    [{ follow: { sellect: 'a' } }, 'rules.page.follow.sellect: unknown key, is "select" meant?'],
    [{ follow: [{ select: 'a', carry: { x: 'b[' } }] }, 'rules.page.follow[0].carry.x: not a CSS selector'],
    [{ paginate: { select: 'a', to: 'page' } }, 'rules.page.paginate.to: unknown key'],
  ])('%j is refused: %s', (written, message) => {
    expect(() => rule(written)).toThrow(message);
  });
});

describe('a script', () => {
  it('has a time and a memory', () => {
    expect(rule({ script: 'ctx.output({});' })).toEqual({
      kind: 'script',
      source: 'ctx.output({});',
      timeoutMs: 50,
      memoryBytes: 33_554_432,
      reload: false,
    });
    expect(rule({ script: 'return', timeout: '1s', memory: '64MiB', reload: true })).toMatchObject({
      timeoutMs: 1_000,
      memoryBytes: 67_108_864,
      reload: true,
    });
  });

  it.each([
    [{ script: '' }, 'rules.page.script: expected JavaScript'],
    [
      { script: 'ctx.output({});\nlet x = ;' },
      "rules.page.script: not JavaScript: Unexpected token ';', in line 2",
    ],
    [{ script: '}); (function () {' }, 'rules.page.script: not JavaScript'],
    [{ script: 'with (ctx) {}' }, 'rules.page.script: not JavaScript: Strict mode'],
    [{ script: 'return', timeout: '11s' }, 'rules.page.timeout: expected a duration between 1ms and 10s'],
    [{ script: 'return', fields: { x: 'a' } }, 'rules.page.fields: does not go with "script"'],
    [{ memory: '8MiB' }, 'rules.page.memory: goes with "script" only'],
    [{ each: 'li' }, 'rules.page.each: expected "fields" beside it'],
    [{ where: 'x' }, 'rules.page.where: expected "fields" beside it'],
    [{ where: '(', fields: {} }, 'rules.page.where: not a regular expression'],
  ])('%j is refused: %s', (written, message) => {
    expect(() => rule(written)).toThrow(message);
  });

  it('is never run when it is checked', () => {
    expect(rule({ script: 'throw new Error(globalThis.process.exit(1))' })).toBeDefined();
  });
});

describe("the rule of the seeds' pages", () => {
  const rootOf = (rules: object) => parseTaskSpec({ seeds: 'http://site.test/', rules }).root;

  it('is the only one, or the only one that no other leads to, in whatever order they stand', () => {
    expect(rootOf({ a: { follow: 'a' } })).toBe('a');
    expect(rootOf({ detail: {}, list: { follow: { select: 'a', to: 'detail' }, paginate: 'b' } })).toBe(
      'list',
    );
  });

  it('has to be said where more than one could be meant', () => {
    const loop = { a: { follow: { select: 'x', to: 'b' } }, b: { follow: { select: 'x', to: 'a' } } };
    expect(() => rootOf(loop)).toThrow("root: expected the rule of the seeds' pages, one of a, b");
    expect(() => rootOf({ a: {}, b: {} })).toThrow('root: expected the rule');
  });
});

import type { JsonValue } from '@app/tasks';
import { openSandbox } from './sandbox.js';
import type { ScriptAnswer } from './script-request.js';

const PAGE = {
  about: {
    url: 'http://site.test/list',
    contentType: 'text/html',
    rule: 'list',
    depth: 2,
    carried: { tag: 'x' },
  },
  kind: 'html' as const,
  text: '<ul><li class=b><a href="/1">one</a></li><li class=b><a href="/2">two</a></li></ul>',
};

const sandbox = openSandbox();

function run(source: string, page: Partial<typeof PAGE> = {}, timeoutMs = 200): Promise<ScriptAnswer> {
  return sandbox({ source, timeoutMs, memoryBytes: 32 * 2 ** 20, page: { ...PAGE, ...page } });
}

async function done(source: string, page?: Partial<typeof PAGE>) {
  const answer = await run(source, page, 30_000);
  if (!answer.isDone) throw new Error(answer.reason);
  return { ...answer, items: answer.items.map((item) => JSON.parse(item) as JsonValue) };
}

async function reasonOf(source: string): Promise<string> {
  // Long enough for whatever does not mean to run on.
  const answer = await run(
    source,
    {},
    source.includes('for (;;);') || source.includes('(a+)') ? 200 : 30_000,
  );
  return answer.isDone ? 'done' : answer.reason;
}

describe('a script', () => {
  it.each<[string, JsonValue]>([
    ['ctx.url', 'http://site.test/list'],
    ['[ctx.rule, ctx.depth, ctx.contentType]', ['list', 2, 'text/html']],
    ['ctx.carried.tag', 'x'],
    ['ctx.text.length', PAGE.text.length],
    ['ctx.html === ctx.text', true],
    ['ctx.select("li")', 'one'],
    ['ctx.select("q") ?? "none"', 'none'],
    ['ctx.selectAll("a@href")', ['/1', '/2']],
    [
      'ctx.elements("li").map((li) => [li.select("a@href"), li.text, li.attr("class")])',
      [
        ['/1', 'one', 'b'],
        ['/2', 'two', 'b'],
      ],
    ],
    ['ctx.elements("li")[1].html', '<a href="/2">two</a>'],
    ['ctx.elements("ul")[0].elements("a")[0].selectAll("@href")', ['/1']],
    ['ctx.match("href=\\"(.*?)\\"")', '/1'],
    ['ctx.match("nothing") ?? "none"', 'none'],
    ['ctx.matchAll(/HREF="(.*?)"/i)', ['/1', '/2']],
    ['ctx.json() ?? "no JSON"', 'no JSON'],
  ])('has %s', async (expression, value) => {
    expect((await done(`ctx.output({ it: ${expression} })`)).items).toEqual([{ it: value }]);
  });

  it('has the body of a page that is JSON', async () => {
    const page = { kind: 'json' as never, text: '{"a":[1]}' };
    expect((await done('return ctx.json()', page)).items).toEqual([{ a: [1] }]);
  });

  it('gives items and links, with what goes along', async () => {
    const { items, follows } = await done(`
      ctx.output({ a: 1 });
      ctx.follow('/1', { to: 'detail', priority: 3, carry: { tag: 'y' } });
      ctx.follow('/2');
      ctx.follow('?p=2', { paginate: true });
      return [{ b: 2 }, { c: 3 }];`);
    expect(items).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
    const plain = { rule: undefined, priority: 0, carry: '{}', isPagination: false };
    expect(follows).toEqual([
      { ...plain, url: '/1', rule: 'detail', priority: 3, carry: '{"tag":"y"}' },
      { ...plain, url: '/2' },
      { ...plain, url: '?p=2', isPagination: true },
    ]);
  });

  it('may use the names of the original', async () => {
    const { items, follows } = await done(`
      ctx.ParseJSReg('detail', 'href="(.*?)"');
      ctx.OutputJS('<li');
      ctx.OutputJS('<table');
      AddJsReqs([{ Url: '/3', RuleName: 'detail', Priority: 1 }]);
      ctx.AddJsReq({ Url: '/4', RuleName: 'list' });`);
    expect(items).toEqual([{ url: PAGE.about.url }]);
    expect(follows.map(({ url, rule, priority }) => [url, rule, priority])).toEqual([
      ['/1', 'detail', 0],
      ['/2', 'detail', 0],
      ['/3', 'detail', 1],
      ['/4', 'list', 0],
    ]);
  });

  it('may say what it does', async () => {
    expect((await done('ctx.log("found", 2, { a: 1 }); console.log(ctx.depth)')).log).toEqual([
      'found 2 {"a":1}',
      '2',
    ]);
  });

  it.each([
    ['throws', '\n\nnull.x', /it threw TypeError: .*, in line 3$/],
    ['throws anything', 'throw { toString() { return "x" } }', 'it threw x'],
    ['throws what cannot be looked at', 'throw new Proxy({}, { get() { throw this } })', 'the script failed'],
    ['is no JavaScript', 'let let = 1', 'the script failed'],
    ['loops', 'for (;;);', 'it ran longer than 200 ms'],
    [
      'loops and will not be stopped',
      'for (;;) try { for (;;); } catch {} finally { for (;;); }',
      'longer than',
    ],
    [
      'loops where it is looked at',
      'throw { get message() { for (;;); }, toString() { for (;;); } }',
      'longer than',
    ],
    ['loops in a regular expression', '/^(a+)+$/.test("a".repeat(40) + "b")', 'longer than'],
    ['loops in what sorts', '[3, 1, 2].sort(() => { for (;;); })', 'longer than'],
    ['loops over what it asks for', 'for (;;) ctx.selectAll("*") // for (;;);', 'longer than'],
    ['loops when its item is written', 'ctx.output({ toJSON() { for (;;); } })', 'longer than'],
    [
      'takes all memory',
      'const all = []; for (;;) all.push(new Uint8Array(1e6))',
      'it needs more than 32 MiB',
    ],
    ['wants one huge thing', 'new Uint8Array(1e9)', 'it needs more than 32 MiB'],
    ['recurses', '(function f() { return f() + 1 })()', 'it threw InternalError: stack overflow'],
    ['floods its items', 'for (let n = 0; n < 20000; n++) try { ctx.output({ n }) } catch {}', /10000 items/],
    [
      'gives items that are too long',
      'ctx.output({ x: "y".repeat(5e6) })',
      'it gives more than 4 Mi characters',
    ],
    ['gives what is no item', 'ctx.output(7)', 'it threw TypeError: expected an object for an item'],
    ['follows what is no text', 'ctx.follow({ toString() { throw new Error("no") } })', 'it threw Error: no'],
    ['carries what is no object', 'ctx.follow("/", { carry: [1] })', 'expected an object of values to carry'],
    ['uses what is no selector', 'ctx.select("a[")', 'it threw OrbweaverError: '],
    ['uses what is no pattern', 'ctx.match("(?=x)")', 'it threw OrbweaverError: '],
    ['waits', 'return Promise.resolve()', 'it threw TypeError: a script cannot be asynchronous'],
  ])('that %s fails with the reason, and the next is well', async (_, source, reason) => {
    expect(await reasonOf(source)).toEqual(
      typeof reason === 'string' ? expect.stringContaining(reason) : expect.stringMatching(reason),
    );
    expect((await done('ctx.output({ ok: [].concat(1).map(String) })')).items).toEqual([{ ok: ['1'] }]);
  });

  it.each([
    [
      'typeof require + typeof process + typeof fetch + typeof global + typeof setTimeout',
      'undefined'.repeat(5),
    ],
    ['this === undefined', true],
    ['typeof (0, eval)("this").Buffer', 'undefined'],
    ['ctx.constructor.constructor("return typeof process")()', 'undefined'],
    ['ctx.follow.constructor("return typeof process + typeof host")()', 'undefinedundefined'],
    ['typeof new Function("return this")().WebAssembly', 'undefined'],
  ])('reaches nothing of ours: %s is %s', async (expression, value) => {
    expect((await done(`ctx.output({ it: ${expression} })`)).items).toEqual([{ it: value }]);
  });

  it('cannot import', async () => {
    expect(await reasonOf('import fs from "fs"')).toContain('the script failed');
    await run('import("fs").then((fs) => ctx.output({ fs }))');
    expect((await done('ctx.output({ ok: 1 })')).items).toEqual([{ ok: 1 }]);
  });

  it.each([
    'Object.prototype.it = 1; Array.prototype.map = () => { throw 1 }; String.prototype.at = 1',
    'JSON.stringify = () => "x"; JSON.parse = () => ({}); globalThis.JSON = undefined',
    'Object.defineProperty(Object.prototype, "then", { get() { throw 1 } })',
    'delete globalThis.Object; Array.prototype[Symbol.iterator] = null',
  ])('that bends its world bends it for itself: %s', async (source) => {
    await run(source);
    expect((await done('ctx.output({ is: ({}).it ?? [1].map((x) => x + 1) })')).items).toEqual([{ is: [2] }]);
    expect(({} as { it?: number }).it).toBeUndefined();
  });

  it('cannot pass off what it gives as something else', async () => {
    const { items, follows } = await done(`
      ctx.output(JSON.parse('{"__proto__":{"x":1},"constructor":2}'));
      ctx.follow('/1', { carry: JSON.parse('{"__proto__":{"x":1}}') });`);
    expect(Object.keys(items[0] as object)).toEqual(['__proto__', 'constructor']);
    expect(follows[0]?.carry).toBe('{"__proto__":{"x":1}}');
  });
});

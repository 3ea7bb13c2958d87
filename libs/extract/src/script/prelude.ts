/**
 * What a script finds when it begins: `ctx`, made of one function of the host. It runs in the script's own world
 * and holds nothing of ours, so a script that bends it bends it for itself.
 */
export const PRELUDE = String.raw`
(host) => {
  'use strict';
  const { parse, stringify } = JSON;
  const ask = (what, ...given) => {
    const answer = host(what, stringify(given));
    return answer === undefined ? undefined : parse(answer);
  };
  const about = ask('about');

  class Element {
    #number;
    constructor(number) {
      this.#number = number;
    }
    get text() {
      return ask('elementText', this.#number);
    }
    get html() {
      return ask('elementHtml', this.#number);
    }
    attr(name) {
      return ask('attribute', this.#number, String(name));
    }
    select(selection) {
      return ask('select', String(selection), this.#number);
    }
    selectAll(selection) {
      return ask('selectAll', String(selection), this.#number);
    }
    elements(selector) {
      return ask('elements', String(selector), this.#number).map((number) => new Element(number));
    }
  }

  const patternOf = (pattern) => {
    if (!(pattern instanceof RegExp)) return String(pattern);
    const flags = pattern.flags.replace(/[^ims]/g, '');
    return (flags === '' ? '' : '(?' + flags + ')') + pattern.source;
  };

  const ctx = {
    url: about.url,
    rule: about.rule,
    depth: about.depth,
    contentType: about.contentType,
    carried: about.carried,
    get text() {
      return ask('text');
    },
    get html() {
      return ask('text');
    },
    json: () => ask('json'),
    match: (pattern) => ask('match', patternOf(pattern)),
    matchAll: (pattern) => ask('matchAll', patternOf(pattern)),
    select: (selection) => ask('select', String(selection)),
    selectAll: (selection) => ask('selectAll', String(selection)),
    elements: (selector) => ask('elements', String(selector)).map((number) => new Element(number)),
    follow: (url, { to, rule = to, priority = 0, carry = {}, paginate = false } = {}) => {
      ask('follow', String(url), rule === undefined ? null : String(rule), Number(priority), carry, paginate === true);
    },
    output: (item) => {
      ask('output', item);
    },
    log: (...values) => {
      ask('log', values.map((value) => (typeof value === 'string' ? value : (stringify(value) ?? String(value)))).join(' '));
    },

    // As the original's scripts call them.
    ParseJSReg: (rule, pattern) => {
      for (const url of ctx.matchAll(pattern)) ctx.follow(url, { rule });
    },
    OutputJS: (pattern) => {
      if (ctx.match(pattern) !== undefined) ctx.output({ url: ctx.url });
    },
    AddJsReq: (request) => {
      for (const { Url, RuleName, Priority } of [request].flat()) {
        ctx.follow(Url, { rule: RuleName, priority: Priority });
      }
    },
    AddJsReqs: (requests) => ctx.AddJsReq(requests),
  };
  globalThis.AddJsReq = ctx.AddJsReq;
  globalThis.AddJsReqs = ctx.AddJsReqs;
  globalThis.console = { log: ctx.log };

  return (script) => {
    try {
      const given = script(ctx);
      if (given instanceof Promise) throw new TypeError('a script cannot be asynchronous');
      if (given !== undefined) for (const item of [given].flat()) ctx.output(item);
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : { message: String(error) };
      ask('failed', String(name ?? ''), String(message), String(stack ?? ''));
    }
  };
}`;

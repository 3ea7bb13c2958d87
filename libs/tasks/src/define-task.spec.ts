import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { defineTask, type FieldObject, type RuleDefinition, type TaskSettings } from './define-task.js';
import { renderTaskSchema } from './syntax/json-schema.js';
import type { FollowObject } from './task-input.js';
import { isTaskModule } from './task-module.js';
import { parseTaskSpec } from './task-spec.js';

describe('a task in TypeScript', () => {
  it('is a spec as YAML would say it, and the parse functions of its rules', () => {
    const parse = () => undefined;
    const task = defineTask({
      seeds: 'http://site.test/',
      rules: { list: { follow: { select: 'a', to: 'detail' } }, detail: { fields: { title: 'h1' }, parse } },
    });
    expect(task.parsers).toEqual({ detail: parse });
    expect(parseTaskSpec(task.spec)).toMatchObject({
      root: 'list',
      rules: { detail: { kind: 'declarative' } },
    });
  });

  it('needs no rules', () => {
    expect(parseTaskSpec(defineTask({ seeds: 'http://site.test/' }).spec).root).toBe('page');
  });

  it('is told from anything else, also when another copy of this module made it', () => {
    expect(isTaskModule(defineTask({ seeds: [] }))).toBe(true);
    expect(isTaskModule({ spec: {}, parsers: {}, [Symbol.for('orbweaver.task')]: true })).toBe(true);
    expect(isTaskModule({ spec: {}, parsers: {} })).toBe(false);
    expect(isTaskModule(undefined)).toBe(false);
  });
});

describe('what can be said in TypeScript is what can be said in YAML', () => {
  type Keys<Type> = Record<keyof Type, true>;
  interface Schema {
    properties: object;
    definitions: Record<string, { properties: object; anyOf: readonly { properties: object }[] }>;
  }
  const { properties, definitions } = JSON.parse(renderTaskSchema()) as Schema;
  const objectOf = (name: string) =>
    definitions[name]?.properties ?? definitions[name]?.anyOf[1]?.properties ?? {};
  const keysOf = (...objects: object[]) => objects.flatMap((object) => Object.keys(object)).sort();

  it('of a task', () => {
    const network = {
      fetcher: true,
      userAgent: true,
      headers: true,
      cookie: true,
      proxies: true,
      timeout: true,
    } as const;
    const pace = {
      robots: true,
      delay: true,
      waitTime: true,
      concurrency: true,
      limits: true,
      retries: true,
    } as const;
    const bounds = {
      allow: true,
      deny: true,
      maxDepth: true,
      maxPages: true,
      maxItems: true,
      maxDuration: true,
    } as const;
    const rest = {
      name: true,
      seeds: true,
      maxBody: true,
      reload: true,
      schedule: true,
      webhooks: true,
    } as const;
    const settings = { ...network, ...pace, ...bounds, ...rest } satisfies Keys<TaskSettings>;
    expect(keysOf(settings, { root: true, rules: true })).toEqual(keysOf(properties));
  });

  it('of a rule, but for its code', () => {
    const links = { follow: true, paginate: true, reload: true } as const;
    const items = { each: true, where: true, fields: true, parse: true } as const;
    const rule = keysOf({ ...links, ...items } satisfies Keys<RuleDefinition<unknown, string>>);
    const inYaml = keysOf(objectOf('Rule'));
    expect(rule.filter((key) => !inYaml.includes(key))).toEqual(['parse']);
    expect(inYaml.filter((key) => !rule.includes(key))).toEqual(['memory', 'script', 'timeout']);
  });

  it('of a link', () => {
    const link = {
      each: true,
      select: true,
      match: true,
      where: true,
      to: true,
      priority: true,
      carry: true,
    } as const;
    expect(keysOf(link satisfies Keys<FollowObject<string>>)).toEqual(keysOf(objectOf('Follow')));
  });

  it('of a field', () => {
    const where = {
      css: true,
      regex: true,
      json: true,
      jsonld: true,
      carried: true,
      url: true,
      constant: true,
    } as const;
    const what = { match: true, type: true, many: true, required: true, default: true } as const;
    const field = { ...where, ...what } satisfies Keys<FieldObject>;
    expect(keysOf(field)).toEqual(keysOf(objectOf('Field')));
  });
});

/** Each is a module of its own, compiled as a user's would be. */
const CASES: Record<string, { code: string; fault?: string }> = {
  'text fields are texts or null': { code: inParse("'h1'", 'const value: string | null = item.x;') },
  'which is not a text': { code: inParse("'h1'", 'const value: string = item.x;'), fault: "'null'" },
  'JSON paths find anything': {
    code: inParse("'$.x'", 'const value: string | null = item.x;'),
    fault: "Type 'JsonValue' is not assignable",
  },
  'required fields are there': {
    code: inParse('{ css: "h1", required: true }', 'const value: string = item.x;'),
  },
  'numbers are numbers': {
    code: inParse('{ css: "p", type: "integer" }', 'const value: number | null = item.x;'),
  },
  'and no texts': {
    code: inParse('{ css: "p", type: "number" }', 'const value: string | null = item.x;'),
    fault: "Type 'number' is not assignable",
  },
  'many are a list': {
    code: inParse('{ css: "p", many: true, type: "number" }', 'const value: number[] = item.x;'),
  },
  'defaults are there instead of null': {
    code: inParse('{ css: "p", type: "number", default: 0 }', 'const value: number = item.x;'),
  },
  'constants are what they are': { code: inParse('{ constant: 7 }', 'const value: number = item.x;') },
  'a field that is not there is none': { code: inParse("'h1'", 'item.y;'), fault: "'y' does not exist" },
  'a rule without fields has none': {
    code: inRules('a: { parse({ item }) { item.x; } }'),
    fault: "'x' does not exist",
  },
  'each of several rules has its own': {
    code: inRules(
      `a: { follow: { select: 'a', to: 'b' }, fields: { x: 'h1' }, parse: ({ item }) => ({ x: item.x }) },
       b: { fields: { y: { css: 'p', type: 'number', required: true } }, parse: ({ item }) => ({ z: item.y + 1 }) }`,
    ),
  },
  'a parse function may be asynchronous and give a list': {
    code: inRules(
      "a: { fields: { x: 'h1' }, async parse({ items }) { return items.map((one) => ({ ...one })); } }",
    ),
  },
  'an item is JSON': {
    code: inRules('a: { parse: () => ({ at: new Date() }) }'),
    fault: "'{ at: Date; }' is not assignable",
  },
  'a parse function follows to rules that are there': {
    code: inRules("a: { parse(page, ctx) { ctx.follow('/x', { to: 'b', carry: { y: 1 } }); } }, b: {}"),
  },
  'and to no others': {
    code: inRules("a: { parse(page, ctx) { ctx.follow('/x', { to: 'c' }); } }, b: {}"),
    fault: '"c"',
  },
  'links lead to rules that are there': {
    code: inRules("a: { follow: { select: 'a', to: 'c' } }, b: {}"),
    fault: '"c"',
  },
  'the root is a rule that is there': {
    code: `import { defineTask } from 'orbweaver'; defineTask({ seeds: [], root: 'c', rules: { a: {} } });`,
    fault: '"c"',
  },
  'an unknown type of a field is refused': {
    code: inRules("a: { fields: { x: { css: 'p', type: 'float' } } }"),
    fault: '"float"',
  },
  'an unknown key is refused': { code: inRules("a: { felds: { x: 'p' } }"), fault: "'felds' does not exist" },
};

describe('the types of a task', () => {
  const faults = faultsOf(Object.values(CASES).map(({ code }) => code));

  it.each(Object.keys(CASES))('%s', (name) => {
    const index = Object.keys(CASES).indexOf(name);
    const expected = CASES[name]?.fault;
    expect(faults[index]).toEqual(expected === undefined ? '' : expect.stringContaining(expected));
  });
});

function inRules(rules: string): string {
  return `import { defineTask } from 'orbweaver'; export default defineTask({ seeds: 'http://a/', rules: { ${rules} } });`;
}

function inParse(field: string, statement: string): string {
  return inRules(`page: { fields: { x: ${field} }, parse({ item }) { ${statement} } }`);
}

/** What the compiler says of each module. */
function faultsOf(sources: readonly string[]): string[] {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  const files = new Map(sources.map((source, index) => [`${directory}case-${index}.ts`, source]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    types: [],
    paths: { orbweaver: [`${directory}define-task.ts`] },
  };
  const host = ts.createCompilerHost(options);
  host.fileExists = (name) => files.has(name) || ts.sys.fileExists(name);
  host.readFile = (name) => files.get(name) ?? ts.sys.readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .join('\n'),
  );
}

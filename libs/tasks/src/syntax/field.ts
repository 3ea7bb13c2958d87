import { z } from 'zod';
import { compileJsonPath } from '../json-path/json-path.js';
import type { JsonValue } from '../json-value.js';
import { compilePattern } from '../pattern.js';
import type { Field, FieldType } from '../rules.js';
import { checkedText, closedObject, faultOf, textFor } from './faults.js';
import { name } from './name.js';
import { parseSelection } from './selection.js';

type Source = Field['from'];

const TYPES = [
  'text',
  'raw',
  'integer',
  'number',
  'boolean',
  'date',
  'url',
  'json',
] as const satisfies FieldType[];

export const pattern = checkedText('expected a regular expression', (text) =>
  faultOf(() => compilePattern(text)),
);

const css = textFor('expected a selector such as h1, a@href or .price@text', parseSelection);
const jsonPath = checkedText('expected a JSON path', (text) => faultOf(() => compileJsonPath(text)));
const jsonValue: z.ZodType<JsonValue> = z.json({ error: 'expected a value' });
const yes = z.boolean({ error: 'expected true or false' });

const sources = {
  css: css.optional().describe('Selector of the element, with @attribute or @html if it is not its text.'),
  regex: pattern.optional().describe("Found in the page's text: the first group, or the whole match."),
  json: jsonPath
    .optional()
    .describe('JSON path into a page that is JSON, or into the JSON that css finds on it.'),
  jsonld: z
    .union(
      [
        jsonPath,
        closedObject({ type: z.string({ error: 'expected a text' }).optional(), path: jsonPath }, ''),
      ],
      { error: 'expected a JSON path, or an object with "type" and "path"' },
    )
    .optional()
    .describe("JSON path into the page's JSON-LD objects (schema.org), of this @type if it is given."),
  carried: z
    .string({ error: 'expected the name of a carried value' })
    .optional()
    .describe('A value that came along with the link.'),
  url: z.literal(true, { error: 'expected true' }).optional().describe("The page's URL."),
  constant: jsonValue.optional().describe('Always this value.'),
};

const written = closedObject(
  {
    ...sources,
    match: pattern
      .optional()
      .describe('Applied to the text that was found: its first group, or the whole match.'),
    type: z.enum(TYPES, { error: `expected one of ${TYPES.join(', ')}` }).optional(),
    many: yes.default(false).describe('A list of all that is found instead of the first.'),
    required: yes.default(false).describe('A page without it fails.'),
    default: jsonValue.optional().describe('Instead of null, when nothing is found or it cannot be cast.'),
  },
  'expected a selector, a JSON path or an object',
).transform(({ match, type, many, required, default: fallback, ...where }, context): Field => {
  const found = sourcesOf(where);
  const [from] = found;
  if (from === undefined || found.length > 1) {
    context.addIssue({ code: 'custom', message: `expected one of ${Object.keys(sources).join(', ')}` });
    return z.NEVER;
  }
  const isRegex = where.regex !== undefined;
  if (isRegex && match !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['match'],
      message: 'does not go with "regex", which is one itself',
    });
  }
  if (required && fallback !== undefined) {
    context.addIssue({ code: 'custom', path: ['default'], message: 'does not go with "required"' });
  }
  return { from, match: where.regex ?? match, type: type ?? typeOf(from), many, required, default: fallback };
});

const shorthand = textFor('expected a selector, a JSON path or an object', (text): Field => {
  const from = text.startsWith('$') ? readable(text) : ({ kind: 'css', ...parseSelection(text) } as const);
  return { from, match: undefined, type: typeOf(from), many: false, required: false, default: undefined };
});

export const field = z
  .union([shorthand, written], { error: 'expected a selector, a JSON path or an object' })
  .meta({ id: 'Field' });

/** Fields by their names. */
export const fields = z.record(name, field, { error: 'expected fields by their names' });

function sourcesOf(where: z.output<ReturnType<typeof closedObject<typeof sources>>>): Source[] {
  const { css: selection, regex, json, jsonld, carried, url, constant } = where;
  const found: (Source | undefined)[] = [
    selection === undefined || json !== undefined ? undefined : { kind: 'css', ...selection },
    regex === undefined ? undefined : { kind: 'regex' },
    json === undefined ? undefined : { kind: 'json', path: json, within: selection },
    typeof jsonld === 'string' ? { kind: 'jsonld', type: undefined, path: jsonld } : undefined,
    typeof jsonld === 'object' ? { kind: 'jsonld', type: jsonld.type, path: jsonld.path } : undefined,
    carried === undefined ? undefined : { kind: 'carried', name: carried },
    url === undefined ? undefined : { kind: 'url' },
    constant === undefined ? undefined : { kind: 'constant', value: constant },
  ];
  return found.filter((source) => source !== undefined);
}

function readable(path: string): Source {
  compileJsonPath(path);
  return { kind: 'json', path, within: undefined };
}

/** What a value is cast to where the spec does not say. */
function typeOf(from: Source): FieldType {
  if (from.kind === 'url') return 'url';
  if (from.kind === 'regex') return 'text';
  if (from.kind !== 'css') return 'json';
  if (from.take === 'html') return 'raw';
  return from.take !== 'text' && LINKS.includes(from.take.attribute) ? 'url' : 'text';
}

const LINKS = ['href', 'src'];

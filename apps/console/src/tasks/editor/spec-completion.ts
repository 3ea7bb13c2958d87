import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import taskSchema from '../../../../../docs/task-spec.schema.json';

interface Schema {
  description?: string;
  $ref?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
}

const root = taskSchema as Schema & { definitions?: Record<string, Schema> };

/** Keys and fixed values of a task, from its JSON Schema, at the place of the cursor in block YAML. */
export function completeSpec(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const value = /^(\s*(?:- )*)(\w+):\s+(\w*)$/.exec(before);
  const path = pathOf(context, line.number, before);
  if (value !== null) {
    const [, , key = '', typed = ''] = value;
    const values = within(below(path), key).flatMap(valuesOf);
    return {
      from: context.pos - typed.length,
      options: values.map((label) => ({ label, type: 'constant' })),
    };
  }
  const typed = /^[\s-]*(\w*)$/.exec(before)?.[1];
  if (typed === undefined || (typed === '' && !context.explicit)) return null;
  const keys = new Map(
    below(path).flatMap(({ properties = {} }) =>
      Object.entries(properties).map(([key, { description }]) => [key, description]),
    ),
  );
  return {
    from: context.pos - typed.length,
    options: [...keys].map(([label, info]) => ({
      label,
      apply: `${label}: `,
      type: 'property',
      ...(info === undefined ? {} : { info }),
    })),
  };
}

/** The keys that the line stands below, outermost first. An entry of a list is below the list's key. */
function pathOf({ state }: CompletionContext, lineNumber: number, before: string): string[] {
  const path: string[] = [];
  let indent = indentOf(before);
  for (let number = lineNumber - 1; number > 0 && indent > 0; number--) {
    const { text } = state.doc.line(number);
    const key = /^(\s*(?:- )*)([\w$-]+):\s*$/.exec(text);
    if (key !== null && indentOf(text) < indent) {
      path.unshift(key[2] ?? '');
      indent = indentOf(text);
    }
  }
  return path;
}

function indentOf(text: string): number {
  return /^[\s-]*/.exec(text)?.[0].length ?? 0;
}

/** Every schema that may hold at the end of the path. */
function below(path: readonly string[]): Schema[] {
  return path.reduce(
    (schemas, key) => schemas.flatMap((schema) => within([schema], key)),
    alternatives(root),
  );
}

function within(schemas: readonly Schema[], key: string): Schema[] {
  return schemas.flatMap(({ properties, additionalProperties }) => {
    const found = properties?.[key] ?? additionalProperties;
    return typeof found === 'object' ? alternatives(found) : [];
  });
}

/** The schema itself, what it refers to, its choices, and the entries of its list. */
function alternatives(schema: Schema, depth = 0): Schema[] {
  if (depth > 8) return [];
  const { $ref, anyOf = [], oneOf = [], allOf = [], items } = schema;
  const referred = $ref === undefined ? undefined : root.definitions?.[$ref.replace('#/definitions/', '')];
  const others = [referred, items, ...anyOf, ...oneOf, ...allOf].filter((other) => other !== undefined);
  return [schema, ...others.flatMap((other) => alternatives(other, depth + 1))];
}

function valuesOf(schema: Schema): string[] {
  return [...(schema.enum ?? []), ...('const' in schema ? [schema.const] : [])].map(String);
}

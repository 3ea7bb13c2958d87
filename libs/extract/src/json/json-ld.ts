import type { JsonValue } from '@app/tasks';
import { compileSelector } from '../html/selector/compile-selector.js';
import type { HtmlDocument } from '../html/parse-html.js';
import { HtmlText } from '../html/element.js';
import { parseJson } from './parse-json.js';

export type JsonObject = { [key: string]: JsonValue };

/** The JSON-LD documents of a page, in their order; what cannot be read is passed over, as search engines do. */
export function jsonLdIn(document: HtmlDocument): JsonValue[] {
  return [...SCRIPTS(document)].flatMap((script) => {
    const text = script.children.map((child) => (child instanceof HtmlText ? child.data : '')).join('');
    const value = parseJson(text.replace(/^\s*(?:<!--|\/\/\s*<!\[CDATA\[)|(?:-->|\/\/\s*\]\]>|;)\s*$/g, ''));
    return value === undefined ? [] : [value];
  });
}

/** The objects of a type, wherever they stand; without one, the objects at the top: members of lists and graphs. */
export function* objectsIn(documents: readonly JsonValue[], type: string | undefined): Generator<JsonObject> {
  for (const value of documents) {
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) yield* objectsIn(value, type);
    else if (type !== undefined) {
      if (isOfType(value, type)) yield value;
      yield* objectsIn(Object.values(value), type);
    } else if (Array.isArray(value['@graph'])) yield* objectsIn(value['@graph'], type);
    else yield value;
  }
}

/** `Book`, `schema:Book` and `https://schema.org/Book` are the same. */
function isOfType(value: JsonObject, type: string): boolean {
  const types = Array.isArray(value['@type']) ? value['@type'] : [value['@type']];
  return types.some((candidate) => typeof candidate === 'string' && shortName(candidate) === shortName(type));
}

function shortName(type: string): string {
  return type.slice(Math.max(type.lastIndexOf('/'), type.lastIndexOf('#'), type.lastIndexOf(':')) + 1);
}

const SCRIPTS = compileSelector('script[type="application/ld+json" i]');

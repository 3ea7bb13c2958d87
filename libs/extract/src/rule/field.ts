import { compileJsonPath, compilePattern, type Field, type JsonValue, type Selection } from '@app/tasks';
import { failed } from '../failed.js';
import type { HtmlElement } from '../html/element.js';
import { compileSelector } from '../html/selector/compile-selector.js';
import { textOf } from '../html/text-of.js';
import { objectsIn } from '../json/json-ld.js';
import { parseJson } from '../json/parse-json.js';
import type { Page } from '../page.js';
import { CASTS } from './cast.js';
import { describeField } from './describe-field.js';

/** Where a field is looked for: on a page, or in one element of it. */
export interface Place {
  page: Page;
  element: HtmlElement | undefined;
}

type Finder = (place: Place) => Iterable<JsonValue>;

export type Item = Record<string, JsonValue>;

export type Fields = (place: Place) => Item;

/** Throws EXTRACT_FAILED where a required one is missing. */
export function compileFields(rule: string, fields: Readonly<Record<string, Field>>): Fields {
  const compiled = Object.entries(fields).map(
    ([name, field]) => [name, compileField(rule, name, field)] as const,
  );
  return (place) => Object.fromEntries(compiled.map(([name, read]) => [name, read(place)]));
}

/** The values are all that are found and can be cast, in their order. */
function compileField(rule: string, name: string, field: Field): (place: Place) => JsonValue {
  const find = finderOf(field);
  const cast = CASTS[field.type];
  const isText = field.match !== undefined || TEXTS.has(field.from.kind);
  const read = (place: Place): JsonValue | undefined => {
    const list: JsonValue[] = [];
    for (const found of find(place)) {
      const value = cast(found, place.page, isText);
      if (value === undefined || value === null) continue;
      if (!field.many) return value;
      if (list.length === MAX_LIST)
        throw failed(`field "${name}" of rule "${rule}" finds more than ${MAX_LIST} values`);
      list.push(value);
    }
    return list.length > 0 ? list : undefined;
  };
  return (place) => {
    const value = read(place) ?? field.default;
    if (value !== undefined) return value;
    if (!field.required) return field.many ? [] : null;
    const [first] = find(place);
    const reason =
      first === undefined ? 'finds nothing' : `finds ${excerpt(first)}, which is no ${field.type}`;
    throw failed(
      `the required field "${name}" of rule "${rule}" is missing: ${describeField(field)} ${reason}`,
    );
  };
}

const MAX_LIST = 10_000;
const TEXTS = new Set<Field['from']['kind']>(['css', 'regex']);

function finderOf(field: Field): Finder {
  const find = sourceOf(field.from);
  if (field.match === undefined) return find;
  const { match } = field;
  const pattern = compilePattern(match);
  return function* (place) {
    for (const found of find(place)) {
      if (typeof found === 'object') continue;
      if (field.many) yield* pattern.all(String(found));
      else {
        const text = pattern.first(String(found));
        if (text !== undefined) yield text;
      }
    }
  };
}

function sourceOf(from: Field['from']): Finder {
  switch (from.kind) {
    case 'css':
      return compileSelection(from);
    case 'regex':
      return ({ page, element }) => [page.textWithin(element)];
    case 'json': {
      const read = compileJsonPath(from.path);
      if (from.within === undefined) return ({ page: { json } }) => (json === undefined ? [] : read(json));
      const find = compileSelection(from.within);
      return function* (place) {
        for (const text of find(place)) {
          const value = parseJson(text);
          if (value !== undefined) yield* read(value);
        }
      };
    }
    case 'jsonld': {
      const read = compileJsonPath(from.path);
      return function* ({ page }) {
        for (const object of objectsIn(page.jsonLd, from.type)) yield* read(object);
      };
    }
    case 'carried':
      return ({
        page: {
          about: { carried },
        },
      }) => (Object.hasOwn(carried, from.name) ? [carried[from.name] ?? null] : []);
    case 'url':
      return ({ page }) => [page.about.url];
    case 'constant':
    default:
      return () => [from.value];
  }
}

export function compileSelection({ select, take }: Selection): (place: Place) => Iterable<string> {
  const selector = compileSelector(select);
  return function* ({ page, element }) {
    for (const found of selector(page.document, element)) {
      const text =
        take === 'text'
          ? textOf(found)
          : take === 'html'
            ? htmlOf(page, found)
            : found.attribute(take.attribute);
      if (text !== undefined) yield page.take(text);
    }
  };
}

/** As it stands on the page. */
function htmlOf({ text }: Page, { contentStart, contentEnd }: HtmlElement): string {
  return text.slice(contentStart, contentEnd);
}

function excerpt(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

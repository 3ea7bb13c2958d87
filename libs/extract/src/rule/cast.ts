import type { FieldType, JsonValue } from '@app/tasks';
import type { Page } from '../page.js';
import { parseJson } from '../json/parse-json.js';
import { parseDate } from './parse-date.js';
import { parseNumber } from './parse-number.js';

/** Undefined: it cannot be cast; so it is with a text that is empty, unless it is wanted raw. */
export type Cast = (value: JsonValue, page: Page, isText: boolean) => JsonValue | undefined;

export const CASTS: Readonly<Record<FieldType, Cast>> = {
  raw: (value) => textIn(value),
  text: (value) => clean(value),
  integer: (value) => {
    const number = typeof value === 'number' ? value : parseNumber(clean(value) ?? '');
    return Number.isSafeInteger(number) ? number : undefined;
  },
  number: (value) => (typeof value === 'number' ? value : parseNumber(clean(value) ?? '')),
  boolean: (value) => {
    if (typeof value === 'boolean') return value;
    const word = clean(value)?.toLowerCase();
    if (word === undefined) return undefined;
    return YES.has(word) ? true : NO.has(word) ? false : undefined;
  },
  date: (value) => parseDate(typeof value === 'number' ? value : (clean(value) ?? '')),
  url: (value, page) => {
    const text = clean(value);
    return text !== undefined && URL.canParse(text, page.baseUrl)
      ? new URL(text, page.baseUrl).href
      : undefined;
  },
  json: (value, _, isText) => (isText && typeof value === 'string' ? parseJson(value) : value),
};

const YES = new Set(['true', 'yes', 'on', '1']);
const NO = new Set(['false', 'no', 'off', '0']);

function textIn(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function clean(value: JsonValue): string | undefined {
  const text = textIn(value)?.replace(/\s+/g, ' ').trim();
  return text === '' ? undefined : text;
}

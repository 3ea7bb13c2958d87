import type { StoredItem } from '@app/crawl';
import type { JsonValue } from '@app/tasks';
import { Columns, type KnownColumn } from './columns.js';
import { MORE, provenanceOf } from './provenance.js';
import { groupsOf, jsonOf, type ItemRow } from './rows.js';

/** The columns follow from these first rows. */
const SAMPLE = { rows: 1_000, bytes: 8 * 1024 * 1024 };

/**
 * RFC 4180, in UTF-8, with a head. No value is an empty cell, an empty text is `""`; lists and objects are JSON.
 *
 * Texts come from strangers, and spreadsheets run cells that begin like a formula: such a text is written with a
 * `'` before it (numbers are not). So that nothing is lost, a text that begins with `'` and then like a formula
 * gets one more: whoever wants the exact text takes one `'` off each that begins so.
 */
export async function* csvTable(
  items: AsyncIterable<readonly StoredItem[]>,
  known: readonly KnownColumn[],
): AsyncGenerator<string> {
  let columns: Columns | undefined;
  for await (const { rows, isLast } of groupsOf(items, SAMPLE)) {
    if (columns === undefined) {
      columns = new Columns(known, rows, isLast);
      yield line(columns.head);
    }
    for (const row of rows) yield line(cells(row, columns));
  }
}

function cells({ item, fields }: ItemRow, columns: Columns): (JsonValue | bigint | undefined)[] {
  const own = columns.names.map((name) => fields.get(name));
  const provenance = Object.values(provenanceOf(item));
  if (columns.head.at(-1) !== MORE) return [...own, ...provenance];
  const rest = columns.rest(fields);
  return [...own, ...provenance, rest === undefined ? undefined : jsonOf(rest)];
}

function line(values: readonly (JsonValue | bigint | undefined)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: JsonValue | bigint | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return quoted(FORMULA.test(value) ? `'${value}` : value);
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** A sign alone, or before what is plainly a number, is none. */
const FORMULA = /^'*(?:[=@\t\r\n]|[+-](?![\d.,\s]*%?$))/;

function quoted(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

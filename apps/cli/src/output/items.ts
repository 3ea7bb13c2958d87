import type { TableView } from './output.js';
import { cell } from './table.js';

const MOST_COLUMNS = 7;

/** Items as a person looks at them: a column for each of the first fields that appear, and where each stood. */
export function itemsView(
  items: readonly { fields: Readonly<Record<string, unknown>>; url: string }[],
  contains?: string,
): TableView {
  const names = [...new Set(items.flatMap(({ fields }) => Object.keys(fields)))];
  const shown = names.slice(0, MOST_COLUMNS);
  const longest = Math.max(12, Math.floor(100 / Math.max(1, shown.length)));
  return {
    head: [...shown.map((name) => cell(name, longest).toUpperCase()), 'URL'],
    rows: items.map(({ fields, url }) => [
      ...shown.map((name) => cell(valueText(fields[name]), longest)),
      cell(url, 60),
    ]),
    empty:
      contains === undefined ? 'No item is stored yet.' : `No item has ${JSON.stringify(contains)} in it.`,
  };
}

export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

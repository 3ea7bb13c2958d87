import Table from 'cli-table3';
import type { Colours } from './colours.js';
import { columnsOf } from './fitted.js';

/** Rows of text under a head, without lines between: readable, and easy to cut and grep. */
export function renderTable(head: readonly string[], rows: readonly string[][], colours: Colours): string {
  const none = Object.fromEntries(BORDERS.map((border) => [border, '']));
  const table = new Table({
    head: head.map((title) => colours.dim(title)),
    chars: { ...none, middle: GAP },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  table.push(...rows);
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

export interface Column<T> {
  readonly head: string;
  readonly of: (row: T) => string;
  /** Where there is no room for all, those with the largest number are left out first; those without one stay. */
  readonly spare?: number;
  /** Of the last column: as much of it is enough. */
  readonly enough?: number;
}

/** A table of the columns that there is room for. */
export function tableOf<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { width, colours }: { width: number; colours: Colours },
): string {
  let shown = columns.map((column) => filled(column, rows));
  while (widthOf(shown) > width) {
    const most = Math.max(...shown.map(({ spare }) => spare));
    if (most === 0) break;
    shown = shown.filter(({ spare }) => spare !== most);
  }
  return renderTable(
    shown.map(({ head }) => head),
    rows.map((_, index) => shown.map(({ cells }) => cells[index] ?? '')),
    colours,
  );
}

function filled<T>({ head, of, spare = 0, enough = Infinity }: Column<T>, rows: readonly T[]) {
  const cells = rows.map(of);
  const width = cells.reduce((most, text) => Math.max(most, columnsOf(text)), head.length);
  return { head, cells, spare, width: Math.min(width, enough) };
}

function widthOf(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
}

/** Text from elsewhere on one line, at most so long, without what would steer the terminal. */
export function cell(text: string, longest = 80): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const letters = Array.from(line);
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : line;
}

const GAP = '  ';

const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
];

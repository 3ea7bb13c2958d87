import Table from 'cli-table3';
import type { Colours } from './colours.js';

/** Rows of text under a head, without lines between: readable, and easy to cut and grep. */
export function renderTable(head: readonly string[], rows: readonly string[][], colours: Colours): string {
  const none = Object.fromEntries(BORDERS.map((border) => [border, '']));
  const table = new Table({
    head: head.map((title) => colours.dim(title)),
    chars: { ...none, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  table.push(...rows);
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** Text from elsewhere on one line, at most so long, without what would steer the terminal. */
export function cell(text: string, longest = 80): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const letters = Array.from(line);
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : line;
}

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

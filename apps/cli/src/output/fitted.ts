import { stripVTControlCharacters } from 'node:util';

/** Cut to so many columns, with a sign where something is missing; colour sequences take no room and are kept. */
export function fitted(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let room = columns - 1;
  let isCut = false;
  return text.replace(PARTS, (_, colour?: string, letter = '') => {
    if (colour !== undefined) return colour;
    if (isCut) return '';
    room -= widthOf(letter);
    if (room >= 0) return letter;
    isCut = true;
    return columns > 0 ? '…' : '';
  });
}

/** How much room it takes on a terminal. */
export function columnsOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).reduce((sum, letter) => sum + widthOf(letter), 0);
}

function widthOf(letter: string): number {
  if (WIDE.test(letter)) return 2;
  return /\p{Mn}/u.test(letter) ? 0 : 1;
}

/** A colour sequence, or any letter. */
const PARTS = /(\p{Cc}\[[\d;]*m)|(\P{Cc})/gu;
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]/u;

import { coloursFor } from './colours.js';
import { fitted } from './fitted.js';
import { cell, renderTable } from './table.js';
import { Terminal } from './terminal.js';
import { age, bytes } from './times.js';

describe('colours', () => {
  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('on %s', (_, isTTY, env, enabled) => expect(coloursFor({ isTTY }, env).enabled).toBe(enabled));
});

describe('a table', () => {
  it('aligns its columns without lines or trailing blanks', () => {
    const plain = coloursFor({});
    expect(
      renderTable(
        ['A', 'B'],
        [
          ['long', 'x'],
          ['s', ''],
        ],
        plain,
      ),
    ).toBe('A     B\nlong  x\ns\n');
  });

  it.each([
    ['a\u001B[31mb\nc', 'a [31mb c'],
    ['abcdefghij', 'abcd…'],
  ])('shows %j as %j', (text, shown) => expect(cell(text, shown.length)).toBe(shown));
});

describe('a line on a terminal', () => {
  it.each([
    ['as long as it may be', 20, 'as long as it may be'],
    ['too long', 7, 'too lo…'],
    ['\u001B[31mtoo long\u001B[39m', 4, '\u001B[31mtoo…\u001B[39m'],
    ['书店任务', 8, '书店任务'],
    ['书店任务', 6, '书店…'],
    ['anything', 0, ''],
  ])('%j is cut to %d columns: %j', (text, columns, shown) => expect(fitted(text, columns)).toBe(shown));
});

describe('the terminal', () => {
  function recorded(isTTY: boolean) {
    const written: string[] = [];
    const clock = { now: 0 };
    const write = (text: string | Uint8Array) => written.push(Buffer.from(text).toString());
    const terminal = new Terminal({ isTTY, columns: 11, write }, () => clock.now);
    return { terminal, written, clock };
  }

  it('draws progress in place, below what is printed, and never wider than it is', () => {
    const { terminal, written } = recorded(true);
    terminal.progress('0123456789abc');
    terminal.print('above');
    terminal.settle('done');
    expect(written).toEqual(['012345678…', '\r\u001B[2Kabove\n012345678…', '\r\u001B[2Kdone\n']);
  });

  it('logs progress at most once a second where nobody watches', () => {
    const { terminal, written, clock } = recorded(false);
    terminal.progress('one');
    clock.now = 999;
    terminal.progress('two');
    clock.now = 1_000;
    terminal.progress('three');
    terminal.settle('done');
    expect(written).toEqual(['one\n', 'three\n', 'done\n']);
  });
});

describe('a quantity for a person', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [61, '1m'],
    [7_200, '2h'],
    [172_801, '2d'],
  ])('%d seconds ago is %s', (seconds, shown) => {
    expect(age('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)).toBe(shown);
  });

  it.each([
    ['0', '0 B'],
    [1023, '1023 B'],
    ['1536', '1.5 KiB'],
  ])('%s bytes are %s', (count, shown) => expect(bytes(count)).toBe(shown));
});

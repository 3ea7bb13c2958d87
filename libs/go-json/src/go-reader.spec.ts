import * as fc from 'fast-check';
import { foldKey, goMembers, goText, isInt64 } from './go-reader.js';

describe('goMembers', () => {
  it('gives every member in its order with the text of its value', () => {
    expect(
      goMembers(' { "a" : 12345678901234567890 ,"a":"x,}\\"]" ,\n"b":[1,{"c":"]"}], "":null}\t'),
    ).toEqual([
      ['a', '12345678901234567890'],
      ['a', '"x,}\\"]"'],
      ['b', '[1,{"c":"]"}]'],
      ['', 'null'],
    ]);
  });

  it.each(['', 'null', '[]', '"{}"', '5', '{', '{"a":1} x', '{a:1}', 'election-value'])(
    'finds no object in %j',
    (text) => {
      expect(goMembers(text)).toBeUndefined();
    },
  );

  it('agrees with JSON.parse on every object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.nat(3),
        (object, indent) => {
          const members = goMembers(JSON.stringify(object, undefined, indent)) ?? [];
          expect(Object.fromEntries(members.map(([key, raw]) => [key, JSON.parse(raw) as unknown]))).toEqual(
            JSON.parse(JSON.stringify(object)),
          );
        },
      ),
    );
  });
});

describe('goText', () => {
  it('replaces an escaped half of a pair, as Go does', () => {
    expect(goText('"a\\ud800b"')).toBe('a\ufffdb');
  });

  it('knows a text from other values', () => {
    expect(['5', 'null', 'x'].map(goText)).toEqual([undefined, undefined, undefined]);
  });
});

describe('isInt64', () => {
  it.each(['0', '-0', '1675470192274320000', '9223372036854775807', '-9223372036854775808'])(
    'takes %s',
    (raw) => {
      expect(isInt64(raw)).toBe(true);
    },
  );

  it.each(['1.0', '1e3', '9223372036854775808', '-9223372036854775809', '"1"', 'null', ''])(
    'refuses %s',
    (raw) => {
      expect(isInt64(raw)).toBe(false);
    },
  );
});

describe('foldKey', () => {
  it('folds what Go takes for the same key, and no more', () => {
    expect(foldKey('Aſsigned\u212aey')).toBe(foldKey('ASSIGNEDKEY'));
    expect(foldKey('ıd')).not.toBe(foldKey('ID'));
  });
});

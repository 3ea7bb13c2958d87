import { isOrbweaverError } from '@app/errors';
import { compileJsonPath } from './json-path.js';
import type { JsonValue } from '../json-value.js';

const SHOP: JsonValue = {
  books: [
    { title: 'Salt', price: 8, tags: ['sea'], author: { name: 'Ada' } },
    { title: 'Moss', price: 12.5, tags: [], author: { name: 'Carmen' }, sold: true },
    { title: 'Tide', price: null, 'old price': 9 },
  ],
  name: 'Shop',
};

describe('a JSON path', () => {
  it.each([
    ['$', [SHOP]],
    ['$.name', ['Shop']],
    ["$['name']", ['Shop']],
    ['$.nothing', []],
    ['$.name.length', []],
    ['$.books[0].title', ['Salt']],
    ['$.books[-1].title', ['Tide']],
    ['$.books[7]', []],
    ['$.books[*].title', ['Salt', 'Moss', 'Tide']],
    ['$.books.*.title', ['Salt', 'Moss', 'Tide']],
    ['$.books[1:].title', ['Moss', 'Tide']],
    ['$.books[:2].title', ['Salt', 'Moss']],
    ['$.books[0,2].title', ['Salt', 'Tide']],
    ['$.books[2]["old price"]', [9]],
    ['$..name', ['Shop', 'Ada', 'Carmen']],
    ['$.books..name', ['Ada', 'Carmen']],
    ['$..tags[0]', ['sea']],
    ['$.books[?@.sold].title', ['Moss']],
    ["$.books[?@.author.name == 'Ada'].price", [8]],
    ['$.books[?@.price < 10 && @.tags].title', ['Salt']],
    ['$.books[?@.price == null].title', ['Tide']],
    ['$.books[? @.price != 8 ].title', ['Moss', 'Tide']],
    ['$.books[?@.missing != 1].title', ['Salt', 'Moss', 'Tide']],
    ['$.constructor', []],
    ['$.__proto__', []],
  ])('%s finds %j', (path, found) => {
    expect(compileJsonPath(path)(SHOP)).toEqual(found);
  });

  it.each([
    ['books', 'does not begin with "$"'],
    ['$.', 'goes wrong at character 3'],
    ['$.books[', 'goes wrong at character 9'],
    ['$.books[x]', 'goes wrong at character 9'],
    ['$.books[0', 'goes wrong at character 10'],
    ['$.books[?(alert(1))]', 'goes wrong at character 10'],
    ['$.books[?@.a == b]', 'goes wrong at character 17'],
    ['$.a b', 'goes wrong at character 4'],
  ])('%s is refused', (path, reason) => {
    expect(() => compileJsonPath(path)).toThrow(reason);
  });

  it('is refused when it is longer than 1000 characters', () => {
    expect(() => compileJsonPath(`$${'.a'.repeat(600)}`)).toThrow('is longer than 1000 characters');
  });

  it('is refused with what is wrong with it', () => {
    expect.assertions(1);
    try {
      compileJsonPath('$.a[');
    } catch (error) {
      expect(isOrbweaverError(error, 'INVALID_ARGUMENT')).toBe(true);
    }
  });

  it('looks into a document however deep it nests', () => {
    let deep: JsonValue = { name: 'found' };
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(compileJsonPath('$..name')(deep)).toEqual(['found']);
  });

  it.each(['$..*..*..*', '$..[?@..a]', '$..[?@..[?@..a]]'])(
    '%s gives up where it would take too long',
    (path) => {
      let document: JsonValue = [];
      for (let depth = 0; depth < 2_500; depth++) document = [document, 1];
      expect(() => compileJsonPath(path)(document)).toThrow(
        'would look at more than 2000000 values of the page',
      );
    },
  );
});

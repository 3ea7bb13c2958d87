import { assert, bigInt, jsonValue, property } from 'fast-check';
import { jsonText } from './json-text.js';

test('for whatever JSON can say it writes what JSON.stringify writes', () => {
  assert(
    property(jsonValue({ maxDepth: 5 }), (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('a bigint keeps all its digits wherever it stands', () => {
  assert(
    property(bigInt(), (value) => {
      expect(jsonText({ a: [value] })).toBe(`{"a":[${value}]}`);
    }),
  );
});

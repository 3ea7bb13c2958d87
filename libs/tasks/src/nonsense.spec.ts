import { isOrbweaverError } from '@app/errors';
import * as fc from 'fast-check';
import { compileJsonPath } from './json-path/json-path.js';
import { compilePattern } from './pattern.js';
import { scriptFault } from './script.js';
import { selectorFault } from './selector.js';
import { renderTaskSchema } from './syntax/json-schema.js';
import { parseTaskSpec } from './task-spec.js';
import { compileUrlPattern } from './url-pattern.js';

/** What reads what people write either takes it or says what is wrong with it; anything else is thrown on. */
function isTakenOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (isOrbweaverError(error, 'INVALID_ARGUMENT')) return true;
    throw error;
  }
}

const KEYS = Object.keys((JSON.parse(renderTaskSchema()) as { properties: object }).properties);
const RULE_KEYS = ['follow', 'each', 'where', 'fields', 'paginate', 'script', 'timeout', 'memory', 'reload'];
const PIECES = [
  '$',
  '.',
  '..',
  '[',
  ']',
  '(',
  ')',
  '*',
  '?',
  '@',
  ':',
  ',',
  "'",
  '"',
  '\\',
  '{',
  '}',
  '1',
  'a',
  ' ',
  '=',
  '<',
  '&&',
  '/',
  '|',
  '+',
  '^',
  '#',
  '>',
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => pieces.join(''));
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('1s', '5/1m', 'http://a/{1..3}', 'h1', 0, 1),
);
const someOf = (keys: readonly string[], values: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom(...keys, 'x', '__proto__', 'constructor'), values, { maxKeys: 6 });
const rule = someOf(
  RULE_KEYS,
  fc.oneof(value, someOf(['select', 'each', 'to', 'carry', 'css', 'json'], value)),
);

describe('nonsense', () => {
  it('as a task is taken or refused with its faults', () => {
    const task = fc.oneof(fc.anything(), someOf(KEYS, fc.oneof(value, fc.array(value, { maxLength: 3 }))));
    const withRules = fc.record({
      seeds: fc.constant('http://a/'),
      rules: someOf(['a', 'b'], fc.oneof(value, rule)),
    });
    fc.assert(
      fc.property(fc.oneof(task, withRules), (written) => {
        expect(isTakenOrRefused(() => parseTaskSpec(written))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a regular expression', compilePattern],
    ['a JSON path', compileJsonPath],
    ['a selector', selectorFault],
    ['a script', scriptFault],
    ['a pattern of URLs', compileUrlPattern],
  ])('as %s is taken or refused', (_, read) => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (written) => {
        expect(isTakenOrRefused(() => read(written))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

import * as fc from 'fast-check';
import { parseTemplate } from './seed-template.js';

describe('a template of URLs', () => {
  it.each([
    ['http://a/', ['http://a/']],
    ['http://a/{1..3}', ['http://a/1', 'http://a/2', 'http://a/3']],
    ['{0..100..25}', ['0', '25', '50', '75', '100']],
    ['{0..99..25}', ['0', '25', '50', '75']],
    ['{3..1}', ['3', '2', '1']],
    ['{08..11}', ['08', '09', '10', '11']],
    ['{a,b}/{1..2}', ['a/1', 'a/2', 'b/1', 'b/2']],
    ['{,x}', ['', 'x']],
    ['{7..7}', ['7']],
  ])('%s stands for %j', (template, texts) => {
    expect(parseTemplate(template).texts()).toEqual(texts);
  });

  it.each([
    ['a{', 'got "a{"'],
    ['a}b', 'got "a}b"'],
    ['{a}', 'got "{a}"'],
    ['{}', 'got "{}"'],
    ['{1..3..0}', 'got "{1..3..0}"'],
    ['{a..c}', 'got "{a..c}"'],
  ])('%s is refused', (template, reason) => {
    expect(() => parseTemplate(template)).toThrow(reason);
  });

  it('is counted without being made', () => {
    expect(parseTemplate('{1..999999999999}{1..1000}').count).toBe(999_999_999_999_000);
  });

  it('has each number of its range once, in order', () => {
    const number = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 50 }), (from, to, step) => {
        const numbers = parseTemplate(`{${from}..${to}..${step}}`).texts().map(Number);
        const sign = from <= to ? 1 : -1;
        expect(numbers).toEqual(numbers.map((_, index) => from + sign * index * step));
        expect(Math.abs(to - (numbers.at(-1) ?? Number.NaN))).toBeLessThan(step);
      }),
    );
  });

  it('has as many texts as the product of its parts', () => {
    const part = fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const { count, texts } = parseTemplate(parts.map((choices) => `{${choices.join(',')}}`).join('-'));
        expect(count).toBe(parts.reduce((product, choices) => product * choices.length, 1));
        expect(texts()).toHaveLength(count);
      }),
    );
  });
});

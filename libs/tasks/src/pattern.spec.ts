import { processorMsOf } from '../../../test/support/processor-time.js';
import { compilePattern } from './pattern.js';

describe('a regular expression of a spec', () => {
  it('gives the first group that took part, or the whole match', () => {
    expect(compilePattern('\\d+').first('page 12 of 30')).toBe('12');
    expect(compilePattern('page (\\d+)').first('page 12 of 30')).toBe('12');
    expect(compilePattern('(?:€(\\d+)|(\\d+) euros)').first('for 5 euros')).toBe('5');
    expect(compilePattern('page (\\d+)').first('none')).toBeUndefined();
  });

  it('gives all matches in order', () => {
    expect(compilePattern('/topic/(\\d+)/').all('/topic/1/ /topic/22/')).toEqual(['1', '22']);
    expect(compilePattern('z').all('/topic/1/')).toEqual([]);
  });

  it('gives the groups of the first match', () => {
    expect(compilePattern('(\\w)(\\d)?').groups('a b')).toEqual(['a', 'a', undefined]);
    expect(compilePattern('z').groups('a')).toBeUndefined();
  });

  it('is written as in JavaScript, with flags in front', () => {
    expect(compilePattern('\\/a\\/[\\u4e00-\\u9fff]+').test('/a/书')).toBe(true);
    expect(compilePattern('(?<year>\\d{4})').first('in 2024')).toBe('2024');
    expect(compilePattern('(?i)NEXT').test('next page')).toBe(true);
    expect(compilePattern('(?s)<p>(.*)</p>').first('<p>a\nb</p>')).toBe('a\nb');
  });

  it.each([['^(a+)+$'], ['(a|aa)+$'], ['(.*)*x'], ['[\\s\\S]*zzz']])(
    '%s takes time linear in the text',
    (source) => {
      const pattern = compilePattern(source);
      const spentMs = processorMsOf(() => expect(pattern.test(`${'a'.repeat(100_000)}!`)).toBe(false));
      expect(spentMs).toBeLessThan(10_000);
    },
  );

  it('gives up on a text that is too long for a pattern of its size', () => {
    const pattern = compilePattern('(?:[a-z]?){600}([0-9])');
    expect(pattern.first('abc7')).toBe('7');
    expect(() => pattern.first('a'.repeat(100_000))).toThrow('would take too long on 100000 characters');
    expect(compilePattern('<h1>([^<]*)</h1>').first(`${' '.repeat(4_000_000)}<h1>x</h1>`)).toBe('x');
  });

  it.each([
    ['', 'expected a regular expression of 1 to 1000 characters'],
    ['(', 'missing closing )'],
    ['[', 'missing closing ]'],
    ['a(?=b)', '(?='],
    ['(a)\\1', 'invalid escape sequence'],
    ['((a{1000}){1000}){1000}', 'invalid repeat count'],
    ['(ab){1000}', 'too large'],
  ])('%s is refused', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });
  it('has at most 1000 characters', () => {
    expect(() => compilePattern('x'.repeat(1_001))).toThrow('expected a regular expression of 1 to 1000');
  });
});

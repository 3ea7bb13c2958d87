import { compile } from 'css-select';
import { selectorFault } from './selector.js';

describe('a CSS selector', () => {
  it.each([
    ['h1'],
    ['#id.class[data-x="a@b"]'],
    ['a[href^="/books/" i]:not(.old), li > a ~ b + i'],
    [':scope > li'],
    ['> li'],
    ['li:nth-child(2n+1 of .x)'],
    ['li:nth-of-type(odd):first-child'],
    ['dt:contains("Author") + dd'],
    ['article:has(> h2):is(.a, .b)'],
    [':header'],
    ['input:checked'],
    [':root'],
    ['svg|a'],
    ['*|a'],
    ['a||b'],
    ['p::before'],
    ['li:nth-child'],
    ['li:first-child(2)'],
    ['li:eq(1)'],
    ['li:firstchild'],
    ['li:not(:frist-child)'],
    ['a['],
    ['a >'],
    ['a,'],
    ['a..b'],
    ['(a)'],
  ])('%s is refused exactly where the extraction cannot compile it', (selector) => {
    expect(selectorFault(selector) === undefined).toBe(compiles(selector));
  });

  it.each([
    ['', 'expected a CSS selector of 1 to 1000 characters'],
    [' ', 'expected a CSS selector of 1 to 1000 characters'],
    ['a '.repeat(501), 'expected a CSS selector of 1 to 1000 characters'],
    ['a[', 'not a CSS selector: Expected name, found its end'],
    ['li:frist-child', 'unknown pseudo-class :frist-child, is :first-child meant?'],
    ['li:eq(1)', 'unknown pseudo-class :eq'],
    [':constructor', 'unknown pseudo-class :constructor'],
    ['li:nth-child', 'the pseudo-class :nth-child takes an argument'],
    ['p::before', 'pseudo-elements such as ::before are no elements of a page'],
  ])('%j: %s', (selector, fault) => {
    expect(selectorFault(selector)).toBe(fault);
  });

  function compiles(selector: string): boolean {
    try {
      compile(selector);
      return true;
    } catch {
      return false;
    }
  }
});

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
  ])('%s is one', (selector) => {
    expect(selectorFault(selector)).toBeUndefined();
  });

  it.each([
    ['', 'expected a CSS selector of 1 to 1000 characters'],
    [' ', 'expected a CSS selector of 1 to 1000 characters'],
    ['a '.repeat(501), 'expected a CSS selector of 1 to 1000 characters'],
    ['a[', 'not a CSS selector: Expected name, found its end'],
    ['a >', 'not a CSS selector: it ends with a combinator'],
    ['li:frist-child', 'unknown pseudo-class :frist-child, is :first-child meant?'],
    ['li:not(:frist-child)', 'unknown pseudo-class :frist-child, is :first-child meant?'],
    ['li:eq(1)', 'unknown pseudo-class :eq'],
    [':constructor', 'unknown pseudo-class :constructor'],
    ['li:nth-child', 'the pseudo-class :nth-child takes an argument'],
    ['li:first-child(2)', 'the pseudo-class :first-child takes no argument'],
    ['li:nth-child(x)', 'the pseudo-class :nth-child takes a position like 2, odd or 3n+1'],
    ['li:nth-of-type(2 of .x)', 'the pseudo-class :nth-of-type takes a position like 2, odd or 3n+1'],
    ['li:nth-child(2 of :frist-child)', 'unknown pseudo-class :frist-child'],
    ['p::before', 'pseudo-elements such as ::before are no elements of a page'],
    ['svg|a', 'namespaces are not supported'],
    ['a||b', 'the column combinator || is not supported'],
  ])('%s is none: %s', (selector, fault) => {
    expect(selectorFault(selector)).toContain(fault);
  });
});

import { parseRetryAfter } from './retry-after.js';
import { NO_RULES, parseRobots } from './robots-rules.js';

describe('the rules of a robots.txt', () => {
  const rules = parseRobots(
    'http://site.test/robots.txt',
    'User-agent: *\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 2.5\n\nUser-agent: Other\nDisallow: /\n',
  );

  it.each([
    ['/public', 'Orbweaver/0.1', true],
    ['/private/x', 'Orbweaver/0.1', false],
    ['/private/open', 'Orbweaver/0.1', true],
    ['/public', 'Other/2.0', false],
  ])('%s for %s: %p', (path, userAgent, allowed) => {
    expect(rules.allows(`http://site.test${path}`, userAgent)).toBe(allowed);
  });

  it('name a delay for who has none of its own', () => {
    expect(rules.crawlDelayMs('Orbweaver/0.1')).toBe(2_500);
    expect(rules.crawlDelayMs('Other/2.0')).toBe(0);
  });

  it('are never an error, whatever the file holds', () => {
    const odd = parseRobots(
      'http://site.test/robots.txt',
      '<html>\u0000Crawl-delay: soon\nUser-agent: *\nCrawl-delay: x',
    );
    expect(odd.allows('http://site.test/', 'x')).toBe(true);
    expect(odd.crawlDelayMs('x')).toBe(0);
    expect(NO_RULES.allows('http://site.test/', 'x')).toBe(true);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %p ms', (text, ms) => {
    expect(parseRetryAfter(text, now)).toBe(ms);
  });
});

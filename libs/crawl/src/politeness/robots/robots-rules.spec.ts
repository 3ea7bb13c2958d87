import * as fc from 'fast-check';
import { NO_RULES, RobotsRules } from './robots-rules.js';

const UA = 'Orbweaver/0.1';
const allows = (text: string, path: string, userAgent = UA) =>
  new RobotsRules(text).allows(`http://site.test${path}`, userAgent);
const forAll = (...lines: string[]) => ['User-agent: *', ...lines].join('\n');

describe('the rules of a robots.txt', () => {
  // RFC 9309, 2.2.2 and 5.1.
  const example = `User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot

EOF`;
  it.each([
    ['/example/page.html', 'foobot', true],
    ['/example/allowed.gif', 'FooBot/2.1', true],
    ['/example/', 'foobot', false],
    ['/example/page.html', 'barbot/1', false],
    ['/example/page.html', 'bazbot', false],
    ['/example/other', 'bazbot', true],
    ['/example/page.html', 'quxbot', true],
    ['/picture.gif', UA, false],
    ['/picture.gif?size=2', UA, true],
    ['/example/', UA, false],
    ['/publications/', UA, true],
  ])('are those of RFC 9309: %s for %s: %p', (path, userAgent, allowed) => {
    expect(allows(example, path, userAgent)).toBe(allowed);
  });

  it('lets the longest line decide, and of two the one that allows (5.2)', () => {
    const text = `User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif`;
    expect(allows(text, '/example/page/disallowed.gif', 'foobot')).toBe(false);
    expect(allows(text, '/example/page/x', 'foobot')).toBe(true);
    expect(allows(forAll('Disallow: /a', 'Allow: /a'), '/a')).toBe(true);
    expect(allows(forAll('Allow: /', 'Disallow: /p'), '/page')).toBe(false);
  });

  it.each([
    ['/fish*', '/fish.html', true],
    ['/fish', '/Fish', false],
    ['/fish/', '/fish', false],
    ['/*.php', '/folder/any.php.file.html', true],
    ['/*.php$', '/filename.php?parameters', false],
    ['/*.php$', '/a.php.php', true],
    ['/fish*.php', '/fishheads/catfish.php?x', true],
    ['/a*$', '/abc', true],
    ['/$', '/', true],
    ['/$', '/x', false],
    ['*', '/any', true],
    ['/a**b', '/a--b', true],
    ['/x*yx$', '/xyx', true],
    ['/xy*yx$', '/xyx', false],
  ])('%s matches %s: %p', (pattern, path, matches) => {
    expect(allows(forAll(`Disallow: ${pattern}`), path)).toBe(!matches);
  });

  // The table of RFC 9309, 2.2.2.
  it.each([
    ['/foo/bar?baz=quz', '/foo/bar?baz=quz'],
    ['/foo/bar?baz=https://foo.bar', '/foo/bar?baz=https://foo.bar'],
    ['/foo/bar/ツ', '/foo/bar/%E3%83%84'],
    ['/foo/bar/%E3%83%84', '/foo/bar/%E3%83%84'],
    ['/foo/bar/%62%61%7A', '/foo/bar/baz'],
    ['/a%3cd.html', '/a%3Cd.html'],
    ['/a%2Fb', '/a%2fb'],
  ])('%s is the same path as %s', (pattern, path) => {
    expect(allows(forAll(`Disallow: ${pattern}$`), path)).toBe(false);
  });

  it('does not take an escaped character that means something for the character', () => {
    expect(allows(forAll('Disallow: /a%2Fb'), '/a/b')).toBe(true);
  });

  it('joins all groups that name a crawler', () => {
    const text = `User-agent: orbweaver\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: ORBWEAVER\nDisallow: /b`;
    expect(['/a', '/b', '/c'].map((path) => allows(text, path))).toEqual([false, false, true]);
  });

  it('finds a crawler by any of its product names', () => {
    const text = 'User-agent: mybot\nDisallow: /\n';
    expect(allows(text, '/', 'Mozilla/5.0 (compatible; MyBot/1.0; +http://x.test)')).toBe(false);
    expect(allows(text, '/', 'Mozilla/5.0')).toBe(true);
  });

  it('reads what is not quite in order', () => {
    const text =
      '\ufeffUSER-AGENT : *  # all\r\nSitemap: http://site.test/s.xml\rdisallow:/p # private\n\n\0';
    expect(allows(text, '/p')).toBe(false);
    expect(allows('Disallow: /', '/')).toBe(true);
    expect(allows(forAll('Disallow:'), '/')).toBe(true);
    expect(allows('<html>404</html>', '/')).toBe(true);
  });

  it('always allows the file itself', () => {
    expect(allows(forAll('Disallow: /'), '/robots.txt')).toBe(true);
  });

  it('knows the delay that a host asks for, an hour at most', () => {
    const rules = new RobotsRules('User-agent: *\nCrawl-delay: 2.5\n\nUser-agent: slow\nCrawl-delay: 1e9');
    expect(rules.crawlDelayMs(UA)).toBe(2_500);
    expect(rules.crawlDelayMs('slow')).toBe(3_600_000);
    expect(NO_RULES.crawlDelayMs(UA)).toBe(0);
  });

  it('reads any text and answers for any path, in no time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, path) => {
        expect(typeof allows(forAll(`Disallow: ${text}`), `/${path}`)).toBe('boolean');
      }),
    );
    const stars = forAll(`Disallow: /${'a*'.repeat(5_000)}b$`);
    expect(allows(stars, `/${'a'.repeat(20_000)}`)).toBe(true);
  });

  it('matches as the plain reading of a pattern does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '$'), maxLength: 8 });
    const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
    fc.assert(
      fc.property(text, path, (pattern, path) => {
        const whole = pattern.endsWith('$');
        const source = (whole ? pattern.slice(0, -1) : pattern)
          .split('*')
          .map((part) => part.replaceAll('$', '\\$'))
          .join('.*');
        const expected = new RegExp(`^/${source}${whole ? '$' : ''}`).test(`/${path}`);
        expect(allows(forAll(`Disallow: /${pattern}`), `/${path}`)).toBe(!expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['', 'none'],
    ['User-agent: *\nDisallow:', 'allows'],
    ['User-agent: *\nAllow: /', 'allows'],
    ['User-agent: other\nDisallow: /', 'allows'],
    ['User-agent: *\nDisallow: /', 'forbids all'],
    ['User-agent: bot\nDisallow: /*\nUser-agent: *\nDisallow:', 'forbids all'],
    ['User-agent: *\nDisallow: /\nAllow: /open', 'forbids some'],
    ['User-agent: *\nDisallow: /private', 'forbids some'],
  ])('%j in short: %s', (text, verdict) => {
    expect(new RobotsRules(text).verdict('bot/1.0')).toBe(verdict);
  });
});

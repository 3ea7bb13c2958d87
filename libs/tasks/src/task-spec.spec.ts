import { isOrbweaverError } from '@app/errors';
import { specHash } from './spec-hash.js';
import { parseTaskSpec } from './task-spec.js';

const SEEDS = ['http://site.test/'];

describe('a task spec', () => {
  it('needs only seeds; the rest has defaults', () => {
    expect(parseTaskSpec({ seeds: SEEDS })).toEqual({
      name: undefined,
      seeds: [{ kind: 'page', url: SEEDS[0] }],
      root: 'page',
      rules: { page: expect.objectContaining({ kind: 'declarative' }) },
      fetcher: 'http',
      userAgent: 'Orbweaver/0.1',
      headers: {},
      cookie: '',
      proxies: [],
      timeoutMs: 30_000,
      maxBodyBytes: 10_485_760,
      robots: 'obey',
      delayMs: 1_000,
      waitTimeMs: 0,
      concurrency: 16,
      limits: [],
      retries: { max: 3, firstDelayMs: 1_000 },
      allow: undefined,
      deny: [],
      maxDepth: 3,
      maxPages: 1_000,
      maxItems: undefined,
      maxDurationMs: undefined,
      reload: false,
      schedule: undefined,
      webhooks: [],
    });
  });

  it('without rules follows every link and notes each title', () => {
    expect(parseTaskSpec({ seeds: SEEDS }).rules).toMatchObject({
      page: {
        follow: [{ link: { select: 'a[href]', attribute: 'href' }, to: 'page' }],
        fields: { title: { from: { kind: 'css', select: 'title', take: 'text' } } },
      },
    });
  });

  it.each([
    [
      { delay: '1m30s', timeout: '300ms' },
      { delayMs: 90_000, timeoutMs: 300 },
    ],
    [
      { delay: 0, waitTime: '2s' },
      { delayMs: 0, waitTimeMs: 2_000 },
    ],
    [
      { maxBody: '1.5MiB', maxDuration: '48h' },
      { maxBodyBytes: 1_572_864, maxDurationMs: 172_800_000 },
    ],
    [{ limits: '10/1m' }, { limits: [{ events: 10, perMs: 60_000, bucket: 1 }] }],
    [{ limits: ['3 / s'] }, { limits: [{ events: 3, perMs: 1_000, bucket: 1 }] }],
    [
      { limits: [{ events: 9, per: '2h', bucket: 4 }] },
      { limits: [{ events: 9, perMs: 7_200_000, bucket: 4 }] },
    ],
    [{ retries: 0 }, { retries: { max: 0, firstDelayMs: 1_000 } }],
    [{ retries: { delay: '5s' } }, { retries: { max: 3, firstDelayMs: 5_000 } }],
    [{ schedule: '@daily' }, { schedule: { cron: '@daily', timeZone: 'UTC', overlap: 'skip' } }],
    [
      { schedule: { cron: '*/30 0 3 * * 1-5', timeZone: 'Europe/Berlin', overlap: 'queue' } },
      { schedule: { cron: '*/30 0 3 * * 1-5', timeZone: 'Europe/Berlin', overlap: 'queue' } },
    ],
    [{ webhooks: 'https://h.test/' }, { webhooks: [{ url: 'https://h.test/', on: ['done', 'failed'] }] }],
    [
      { webhooks: [{ url: 'http://h/', on: 'failed' }] },
      { webhooks: [{ url: 'http://h/', on: ['failed'] }] },
    ],
    [{ proxies: 'socks5://u:p@127.0.0.1:1080' }, { proxies: ['socks5://u:p@127.0.0.1:1080'] }],
    [
      { allow: 'a.test', deny: ['/x/', '*/y/*'] },
      { allow: ['a.test'], deny: ['/x/', '*/y/*'] },
    ],
    [
      { cookie: 'a=1; b="2"', headers: { 'X-A': 'b' } },
      { cookie: 'a=1; b="2"', headers: { 'X-A': 'b' } },
    ],
    [
      { robots: 'ignore', fetcher: 'browser', reload: true },
      { robots: 'ignore', reload: true },
    ],
  ])('%j is %j', (keys, expected) => {
    expect(parseTaskSpec({ seeds: SEEDS, ...keys })).toMatchObject(expected);
  });

  it('brings seeds into their normal form, each once', () => {
    const seeds = ['HTTP://Site.test:80', 'http://site.test/#top', 'https://site.test/a/../b?'];
    expect(parseTaskSpec({ seeds }).seeds).toEqual([
      { kind: 'page', url: 'http://site.test/' },
      { kind: 'page', url: 'https://site.test/b' },
    ]);
  });

  it('takes one seed, templates of seeds, and sitemaps', () => {
    expect(parseTaskSpec({ seeds: 'http://a.test/{1..2}' }).seeds.map(({ url }) => url)).toEqual([
      'http://a.test/1',
      'http://a.test/2',
    ]);
    expect(parseTaskSpec({ seeds: { sitemap: 'http://a.test/sitemap.xml' } }).seeds).toEqual([
      { kind: 'sitemap', url: 'http://a.test/sitemap.xml' },
    ]);
  });

  it.each([
    [{}, 'seeds: expected a list of URLs to begin with'],
    [{ seeds: [] }, 'seeds: expected at least one URL to begin with'],
    [
      { seeds: ['http://ok.test', 'ftp://site.test'] },
      'seeds[1]: expected an http or https URL, got "ftp://site.test"',
    ],
    [{ seeds: [7] }, 'seeds[0]: expected a URL'],
    [{ seeds: 'http://a/{1..100001}' }, 'seeds: expected at most 100000 URLs, these are 100001'],
    [
      { seeds: ['http://a/{1..99999}', 'http://b/{1..99}'] },
      'seeds: expected at most 100000 URLs, these are 100098',
    ],
    [
      { seeds: Array(10_000).fill('http://a/{1..100000}') },
      'seeds: expected at most 100000 URLs, these are 1000000000',
    ],
    [{ seeds: '{http,ftp}://a' }, 'seeds: expected an http or https URL, got "ftp://a"'],
    [{ seeds: SEEDS, name: 'a/b' }, 'name: '],
    [{ seeds: SEEDS, allow: [] }, 'allow: expected at least one pattern'],
    [{ seeds: [{ sitemap: 'x' }] }, 'seeds[0].sitemap: expected an http or https URL, got "x"'],
    [{ seeds: [{ sitemp: 'x' }] }, 'seeds[0].sitemp: unknown key, is "sitemap" meant?'],
    [{ seeds: SEEDS, maxDepth: -1 }, 'maxDepth: expected a whole number between 0 and 1000'],
    [{ seeds: SEEDS, maxPages: 1.5 }, 'maxPages: expected a whole number between 1 and 1000000000'],
    [{ seeds: SEEDS, maxPages: '7' }, 'maxPages: expected a whole number'],
    [{ seeds: SEEDS, delay: 5 }, 'delay: expected a duration of at most 1h, written like 300ms, 5s or 2m'],
    [{ seeds: SEEDS, delay: '2 weeks' }, 'delay: expected a duration of at most 1h'],
    [{ seeds: SEEDS, timeout: 0 }, 'timeout: expected a duration between 1ms and 10m'],
    [{ seeds: SEEDS, maxBody: 10 }, 'maxBody: expected a size between 1KiB and 256MiB, written like 512KiB'],
    [{ seeds: SEEDS, maxBody: '1TB' }, 'maxBody: expected a size between 1KiB and 256MiB'],
    [{ seeds: SEEDS, userAgent: 'a\r\nHost: b' }, 'userAgent: expected 1 to 256 printable ASCII characters'],
    [{ seeds: SEEDS, cookie: 'a=1\r\nHost: b' }, 'cookie: expected pairs like "name=value; other=value"'],
    [{ seeds: SEEDS, headers: { 'X-A': 'a\r\nHost: b' } }, 'headers.X-A: expected at most 8192 printable'],
    [{ seeds: SEEDS, headers: { 'a b': 'c' } }, 'headers.a b: expected the name of a header'],
    [{ seeds: SEEDS, headers: { Cookie: 'c' } }, 'headers.Cookie: say it as "cookie"'],
    [{ seeds: SEEDS, headers: { Host: 'c' } }, 'headers.Host: is sent as each request needs it'],
    [{ seeds: SEEDS, proxies: ['ftp://p'] }, 'proxies[0]: expected the URL of a proxy'],
    [{ seeds: SEEDS, robots: 'maybe' }, 'robots: expected one of obey, ignore'],
    [{ seeds: SEEDS, fetcher: 'chrome' }, 'fetcher: expected one of http, browser'],
    [{ seeds: SEEDS, limits: '10/1x' }, 'limits: expected a limit like 10/1m, or an object'],
    [{ seeds: SEEDS, limits: '0/1m' }, 'limits: expected a limit like 10/1m'],
    [{ seeds: SEEDS, limits: [{ events: 1 }] }, 'limits[0].per: expected a duration'],
    [{ seeds: SEEDS, limits: [{ evnts: 1 }] }, 'limits[0].evnts: unknown key, is "events" meant?'],
    [{ seeds: SEEDS, retries: -1 }, 'retries: expected a whole number between 0 and 100'],
    [{ seeds: SEEDS, retries: { max: 101 } }, 'retries.max: expected a whole number between 0 and 100'],
    [{ seeds: SEEDS, schedule: '0 3 * *' }, 'schedule: not a schedule: '],
    [{ seeds: SEEDS, schedule: '0 0 30 2 *' }, 'schedule: the schedule "0 0 30 2 *" never comes due'],
    [
      { seeds: SEEDS, schedule: { cron: '@daily', timeZone: 'Mars/Base' } },
      'schedule.timeZone: expected the',
    ],
    [
      { seeds: SEEDS, schedule: { cron: '@daily', overlap: 'stop' } },
      'schedule.overlap: expected one of skip',
    ],
    [{ seeds: SEEDS, webhooks: 'ftp://x' }, 'webhooks: expected an http or https URL, got "ftp://x"'],
    [
      { seeds: SEEDS, webhooks: [{ url: 'http://h', on: ['don'] }] },
      'webhooks[0].on[0]: expected one of done',
    ],
    [{ seeds: SEEDS, webhooks: [{ url: 'http://h', on: [] }] }, 'webhooks[0].on: expected at least one of'],
    [
      { seeds: SEEDS, allow: ['/(/'] },
      'allow[0]: not a regular expression that runs in linear time: missing',
    ],
    [{ seeds: SEEDS, deny: 'a/b' }, 'deny: expected a host, a URL in which * stands for anything'],
    [{ seeds: SEEDS, rules: {} }, 'rules: expected at least one rule'],
    [{ seeds: SEEDS, rules: [] }, 'rules: expected rules by their names'],
    [{ seeds: SEEDS, rules: { $a: {} } }, 'rules.$a: a name has letters, digits'],
    [{ seeds: SEEDS, root: 'paeg' }, 'root: no rule "paeg", is "page" meant?'],
    [{ seeds: SEEDS, maxDepht: 2 }, 'maxDepht: unknown key, is "maxDepth" meant?'],
    [{ seeds: SEEDS, colour: 2 }, 'colour: unknown key, known are name, seeds, root'],
    ['text', 'expected an object with at least "seeds"'],
    [null, 'expected an object with at least "seeds"'],
  ])('%j is refused: %s', (value, message) => {
    expect(() => parseTaskSpec(value)).toThrow(message);
  });

  it('tells the first hundred faults of many', () => {
    const seeds = Array.from(
      { length: 1_000 },
      (_, index) => `ftp://site.test/${'x'.repeat(3_000)}/${index}`,
    );
    try {
      parseTaskSpec({ seeds });
    } catch (error) {
      const { message } = error as Error;
      expect(message).toMatch(/seeds\[99\].*; and 900 more$/);
      expect(message.length).toBeLessThan(50_000);
    }
    expect.assertions(2);
  });

  it('tells every fault at once', () => {
    const parse = () =>
      parseTaskSpec({
        seed: SEEDS,
        maxDepth: 'x',
        delay: 'y',
        userAgent: '',
        root: 'a',
        rules: { b: { follow: [{ select: 'a[', to: 'c' }], fields: { d: '$.' } } },
      });
    for (const path of [
      'seeds',
      'maxDepth',
      'delay',
      'userAgent',
      'seed: unknown key, is "seeds" meant?',
      'root',
      'rules.b.follow[0].select',
      'rules.b.follow[0].to',
      'rules.b.fields.d',
    ]) {
      expect(parse).toThrow(path);
    }
    try {
      parse();
    } catch (error) {
      expect(isOrbweaverError(error, 'INVALID_ARGUMENT')).toBe(true);
    }
  });
});

describe('the hash of a task spec', () => {
  const RULES = { a: { follow: { select: 'a', to: 'b' } }, b: { fields: { x: 'h1', y: 'h2' } } };
  const hashOf = (keys: object) => specHash(parseTaskSpec({ seeds: SEEDS, rules: RULES, ...keys }));

  it.each([
    [{ maxDepth: 3, seeds: ['http://SITE.test'], root: 'a' }],
    [{ rules: { b: { fields: { y: 'h2@text', x: { css: 'h1' } } }, a: RULES.a } }],
    [{ name: 'x', schedule: '@daily', webhooks: 'http://h/' }],
    [
      {
        delay: '7s',
        waitTime: '1s',
        concurrency: 1,
        limits: '1/s',
        retries: 9,
        timeout: '1s',
        proxies: 'http://p',
      },
    ],
  ])('is the same with %j', (keys) => {
    expect(hashOf(keys)).toBe(hashOf({}));
  });

  it.each([
    [{ seeds: 'http://other.test' }],
    [{ maxDepth: 4 }],
    [{ userAgent: 'x' }],
    [{ cookie: 'a=1' }],
    [{ deny: '/x/' }],
    [{ root: 'b' }],
    [{ rules: { ...RULES, b: { fields: { x: 'h1', y: 'h3' } } } }],
  ])('is another with %j', (keys) => {
    expect(hashOf(keys)).not.toBe(hashOf({}));
  });
});

import type { FetchAnswer } from '@app/fetch';
import { parseTaskSpec, urlScope } from '@app/tasks';
import type { TakenPage } from '../../store/frontier.js';
import { newsOf, outcomeOf } from './page-result.js';

const spec = parseTaskSpec({ seeds: ['http://site.test/'], retries: 2 });
const terms = { spec, isInScope: urlScope(spec) };
const page = (change: Partial<TakenPage> = {}): TakenPage => ({
  seq: 1,
  url: 'http://site.test/page',
  host: 'site.test',
  rule: 'page',
  depth: 2,
  priority: 3,
  redirects: 0,
  carried: '{"a":1}',
  attempt: 0,
  etag: '',
  lastModified: '',
  ...change,
});
const answer = (status: number, location?: string): FetchAnswer => ({
  kind: 'answer',
  status,
  mediaType: '',
  contentType: '',
  body: Buffer.alloc(0),
  location,
  retryAfterMs: 7_000,
  etag: '',
  lastModified: '',
});

describe('an answer', () => {
  it.each([
    ['a page', answer(200), undefined],
    ['a page that is as it was', answer(304), { state: 'unchanged', status: 304 }],
    ['no page', answer(404), { state: 'failed', error: 'HTTP 404' }],
    ['a server in trouble', answer(500), { state: 'retry', retryInMs: 1_000, error: 'HTTP 500' }],
    ['a host that is asked too much', answer(429), { state: 'retry', retryInMs: 1_000 }],
    ['none', { kind: 'unreachable', reason: 'reset' } as const, { state: 'retry', error: 'reset' }],
    [
      'what is of no use',
      { kind: 'refused', status: 200, reason: 'too long', bytes: 9 } as const,
      { state: 'failed', error: 'too long', bytes: 9 },
    ],
    ['a redirect out of the task', answer(302, 'http://other.test/'), { state: 'failed' }],
    ['a redirect to nowhere', answer(302, 'ftp://site.test/'), { state: 'failed' }],
  ])('that is %s', (_, what, expected) => {
    const news = newsOf(page(), what, terms);
    if (expected === undefined) expect(news).toBeUndefined();
    else expect(news).toMatchObject(expected);
  });

  it('with trouble is tried again later each time, and in the end the page has failed', () => {
    expect(newsOf(page({ attempt: 1 }), answer(502), terms)).toMatchObject({
      state: 'retry',
      retryInMs: 2_000,
    });
    expect(newsOf(page({ attempt: 2 }), answer(502), terms)).toMatchObject({ state: 'failed' });
  });

  it('that redirects makes the target a page of the same kind, ten times in a row at most', () => {
    const news = newsOf(page({ redirects: 9 }), answer(301, 'http://site.test/to#x'), terms);
    expect(news).toMatchObject({
      state: 'redirected',
      discovered: [
        {
          url: 'http://site.test/to',
          rule: 'page',
          depth: 2,
          priority: 3,
          redirects: 10,
          carried: '{"a":1}',
        },
      ],
    });
    expect(newsOf(page({ redirects: 10 }), answer(301, 'http://site.test/to'), terms)).toMatchObject({
      state: 'failed',
      error: 'more than 10 redirects in a row',
    });
  });

  it('that redirects to itself is tried again, for the cookie’s sake, but not for ever', () => {
    const loop = answer(302, 'http://site.test/page');
    expect(newsOf(page(), loop, terms)).toMatchObject({ state: 'retry', retryInMs: 0 });
    expect(newsOf(page({ attempt: 2 }), loop, terms)).toMatchObject({
      state: 'failed',
      error: 'redirects to itself',
    });
  });

  it.each([
    [answer(200), 'served'],
    [answer(404), 'served'],
    [answer(500), 'served'],
    [answer(429), 'throttled'],
    [answer(503), 'throttled'],
    [{ kind: 'unreachable', reason: 'reset' } as const, 'unreachable'],
    [{ kind: 'refused', status: 200, reason: 'x', bytes: 0 } as const, 'served'],
  ])('tells of its host: %#', (what, kind) => {
    expect(outcomeOf(what).kind).toBe(kind);
  });
});

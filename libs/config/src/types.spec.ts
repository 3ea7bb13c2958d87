import { formatDuration, parseDuration } from './duration.js';
import { nearest } from './nearest.js';
import { address, endpoints, integer, listenAddress, path, share, size, url } from './types.js';
import type { Parsed, ValueType } from './value-type.js';

describe('a duration', () => {
  it.each([
    ['300ms', 300],
    ['5s', 5_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1m30s', 90_000],
    ['1.5s', 1_500],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['5', '5 s', 's', '', '-5s', '5S', '1.0005s', '5d', 'Infinity'])('is not written %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it.each(['0s', '300ms', '1m30s', '1h1ms'])('%s reads the same after formatting', (text) =>
    expect(formatDuration(parseDuration(text) ?? -1)).toBe(text),
  );
});

describe('a value', () => {
  it.each<[string, ValueType<unknown>, string, unknown]>([
    ['listen address', listenAddress(), ':8080', { host: '', port: 8080, text: ':8080' }],
    ['listen address', listenAddress(), '[::1]:0', { host: '::1', port: 0, text: '[::1]:0' }],
    ['listen address', listenAddress(), 'db.local:1', { host: 'db.local', port: 1, text: 'db.local:1' }],
    ['address', address(), '10.0.0.1:9091', '10.0.0.1:9091'],
    ['endpoint list', endpoints(), 'a:1, https://b:2', ['a:1', 'https://b:2']],
    ['integer', integer({ min: 0 }), '12', 12],
    ['share', share(), '.25', 0.25],
    ['share', share(), '1', 1],
    ['size', size(), '4MiB', 4_194_304],
    ['size', size({ min: 1_024 }), '1024B', 1_024],
    ['path', path('DIR'), './data', './data'],
    ['url', url(['file', 'postgres']), 'file:crawl.db', 'file:crawl.db'],
  ])('of type %s: %j reads %j', (_, type, text, value) => {
    expect(type.fromText(text)).toEqual({ ok: true, value } satisfies Parsed<unknown>);
  });

  it.each<[string, ValueType<unknown>, string]>([
    ['listen address', listenAddress(), '8080'],
    ['listen address', listenAddress(), ':65536'],
    ['listen address', listenAddress(), '::1:80'],
    ['listen address', listenAddress(), 'http://a:80'],
    ['address', address(), ':9091'],
    ['address', address(), 'a:0'],
    ['endpoint list', endpoints(), 'a:1,,b:2'],
    ['integer', integer(), '1e3'],
    ['integer', integer(), ''],
    ['integer', integer({ min: 1 }), '0'],
    ['share', share(), '1.1'],
    ['share', share(), '-0.5'],
    ['share', share(), ''],
    ['share', share(), '.'],
    ['size', size(), '4'],
    ['size', size(), '4MB'],
    ['size', size(), '1.5MiB'],
    ['size', size({ min: 2_048 }), '1KiB'],
    ['path', path('FILE'), ' '],
    ['url', url(['file']), 'http://a'],
  ])('of type %s is not %j', (_, type, text) => expect(type.fromText(text).ok).toBe(false));
});

describe('the word that was meant', () => {
  it.each([
    ['htpt', 'http'],
    ['registerttl', 'register-ttl'],
    ['xyz', undefined],
  ])('by %s is %s', (word, meant) => expect(nearest(word, ['http', 'grpc', 'register-ttl'])).toBe(meant));
});

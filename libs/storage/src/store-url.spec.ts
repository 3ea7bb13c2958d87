import { parseStoreUrl } from './store-url.js';

describe('the URL of a store', () => {
  it.each([
    [undefined, '/data/orbweaver.db'],
    ['sqlite:crawls.db', 'crawls.db'],
    ['sqlite:/var/lib/crawls.db', '/var/lib/crawls.db'],
    ['sqlite:///var/lib/crawls.db', '/var/lib/crawls.db'],
    ['SQLITE:x.db', 'x.db'],
  ])('%s is a file', (url, path) => {
    expect(parseStoreUrl(url, '/data')).toEqual({ kind: 'sqlite', path });
  });

  it.each([
    'postgres://me:secret@db/crawls',
    'crawls.db',
    'sqlite:',
    'sqlite://host/x.db',
    'sqlite:a?mode=ro',
    '',
  ])('%p is none, and the error says what is, without a password', (url) => {
    expect(() => parseStoreUrl(url, '/data')).toThrow(/a store is sqlite:PATH/);
    expect(() => parseStoreUrl(url, '/data')).not.toThrow(/secret/);
  });
});

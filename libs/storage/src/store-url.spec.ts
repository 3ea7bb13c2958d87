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

  it.each(['postgres://me:secret@db/crawls', 'postgresql://db:5433/crawls?sslmode=require'])(
    '%s is a PostgreSQL database',
    (url) => {
      expect(parseStoreUrl(url, '/data')).toEqual({ kind: 'postgres', url });
    },
  );

  it.each([
    ['mysql://me:secret@db/crawls', 'postgres://'],
    ['me:secret@db/crawls', 'postgres://'],
    ['crawls.db', 'sqlite:PATH'],
    ['sqlite:', 'sqlite:PATH'],
    ['sqlite://me:secret@host/x.db', 'sqlite:PATH'],
    ['sqlite:a?mode=ro', 'sqlite:PATH'],
    ['postgres://me:secret@db/crawls?sslmode=perhaps', 'sslmode'],
    ['postgres://me:secret@db:port/crawls', 'postgres://'],
    ['', 'sqlite:PATH'],
  ])('%p is none, and the error says what is, without a password', (url, what) => {
    expect(() => parseStoreUrl(url, '/data')).toThrow(what);
    expect(() => parseStoreUrl(url, '/data')).not.toThrow(/secret/);
  });
});

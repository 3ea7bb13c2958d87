import { parsePostgresUrl } from './postgres-url.js';

describe('the URL of a PostgreSQL store', () => {
  it('says where the database is and who comes', () => {
    expect(parsePostgresUrl('postgresql://ada:s%40crt@db.test:6432/crawls')).toMatchObject({
      label: 'postgres://ada@db.test:6432/crawls',
      connection: {
        host: 'db.test',
        port: 6432,
        database: 'crawls',
        user: 'ada',
        password: 's@crt',
        ssl: false,
      },
      schema: 'orbweaver',
      maxConnections: 8,
    });
  });

  it('may leave to the environment what it does not say', () => {
    expect(parsePostgresUrl('postgres://').connection).toMatchObject({
      host: undefined,
      port: undefined,
      database: undefined,
      user: undefined,
      password: undefined,
    });
  });

  it('takes an IPv6 address, a Unix socket, another schema and size of the pool', () => {
    expect(parsePostgresUrl('postgres://[::1]/x').connection.host).toBe('::1');
    expect(
      parsePostgresUrl('postgres:///x?host=/var/run/postgresql&search_path=team_a&pool_max_conns=3'),
    ).toMatchObject({ connection: { host: '/var/run/postgresql' }, schema: 'team_a', maxConnections: 3 });
  });

  it.each([
    ['sslmode=disable', false],
    ['', false],
    ['sslmode=require', { rejectUnauthorized: false }],
    ['sslmode=verify-full', {}],
  ])('with "%s" talks TLS so: %j', (query, ssl) => {
    const { connection } = parsePostgresUrl(`postgres://db.test/x?${query}`);
    expect(connection.ssl).toEqual(ssl);
  });

  it.each([
    ['postgres://u:secret@h:port/x', 'a PostgreSQL store is postgres://'],
    ['postgres:x', 'a PostgreSQL store is postgres://'],
    ['postgres://u:%ffsecret@h/x', 'a PostgreSQL store is postgres://'],
    ['postgres://u:secret@h/x?sslmode=prefer', 'sslmode is disable, require, verify-ca or verify-full'],
    ['postgres://u:secret@h/x?schema=a', 'there is no parameter schema'],
    ['postgres://u:secret@h/x?host=a&host=b', 'host is given twice'],
    ['postgres://u:secret@h/x?search_path=a,b', 'search_path is the name of one schema'],
    ['postgres://u:secret@h/x?pool_max_conns=0', 'pool_max_conns is from 1 to 999'],
    ['postgres://u:secret@h/x?sslrootcert=/no/such/file', 'sslrootcert: ENOENT'],
  ])('is refused without repeating its password: %s', (url, message) => {
    const error = thrownBy(() => parsePostgresUrl(url));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('secret');
  });
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

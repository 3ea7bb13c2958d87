import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { OrbweaverError } from '@app/errors';

/** What a store's URL says. */
export interface PostgresUrl {
  /** For people: without the password. */
  label: string;
  connection: {
    host: string | undefined;
    port: number | undefined;
    database: string | undefined;
    user: string | undefined;
    password: string | undefined;
    ssl: ConnectionOptions | false;
    application_name: string;
  };
  /** The schema that all tables are in. */
  schema: string;
  maxConnections: number;
}

/**
 * `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS`, or `postgresql://`. What is left out comes from the
 * environment as for any PostgreSQL client (PGHOST, PGUSER, PGPASSWORD, ~/.pgpass, …). Parameters, each as libpq or
 * pgx has it: `sslmode` (disable, require, verify-ca, verify-full), `sslrootcert`, `sslcert`, `sslkey`, `host` (also
 * the directory of a Unix socket), `application_name`, `search_path` (one schema), `pool_max_conns`. Throws
 * INVALID_ARGUMENT for anything else.
 */
export function parsePostgresUrl(text: string): PostgresUrl {
  const url = parse(text);
  const label = labelOf(url);
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!PARAMETERS.includes(name)) {
      throw invalid(`the store ${label}: there is no parameter ${name}; there are ${PARAMETERS.join(', ')}`);
    }
    if (parameters.has(name)) throw invalid(`the store ${label}: ${name} is given twice`);
    parameters.set(name, value);
  }
  const schema = parameters.get('search_path') ?? 'orbweaver';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw invalid(`the store ${label}: search_path is the name of one schema (a-z, 0-9, _), not "${schema}"`);
  }
  const pool = parameters.get('pool_max_conns') ?? '8';
  if (!/^[1-9]\d{0,2}$/.test(pool)) {
    throw invalid(`the store ${label}: pool_max_conns is from 1 to 999, not "${pool}"`);
  }
  return {
    label,
    connection: {
      host: parameters.get('host') ?? (url.hostname === '' ? undefined : unbracketed(url.hostname)),
      port: url.port === '' ? undefined : Number(url.port),
      database: decoded(url.pathname.slice(1)),
      user: decoded(url.username),
      password: decoded(url.password),
      ssl: tlsOf(parameters, label),
      application_name: parameters.get('application_name') ?? 'orbweaver',
    },
    schema,
    maxConnections: Number(pool),
  };
}

const PARAMETERS = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'host',
  'application_name',
  'search_path',
  'pool_max_conns',
];

function parse(text: string): URL {
  // Of a faulty URL nothing is repeated: no one knows where its password ends.
  const wrong = () => invalid('a PostgreSQL store is postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  if (!/^postgres(ql)?:\/\//i.test(text)) throw wrong();
  try {
    const url = new URL(text);
    for (const part of [url.pathname, url.username, url.password]) decodeURIComponent(part);
    return url;
  } catch {
    throw wrong();
  }
}

function labelOf(url: URL): string {
  const user = url.username === '' ? '' : `${url.username}@`;
  return `postgres://${user}${url.host}${url.pathname}`;
}

function tlsOf(parameters: ReadonlyMap<string, string>, label: string): ConnectionOptions | false {
  const file = (name: string): string | undefined => {
    const path = parameters.get(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw invalid(`the store ${label}: ${name}: ${(error as Error).message}`);
    }
  };
  const keys = { ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey') };
  const hasKeys = Object.values(keys).some((key) => key !== undefined);
  const mode = parameters.get('sslmode') ?? (hasKeys ? 'verify-full' : 'disable');
  const anyName = { checkServerIdentity: () => undefined };
  switch (mode) {
    case 'disable':
      return false;
    case 'require':
      // With an authority at hand it verifies, as libpq does.
      return keys.ca === undefined ? { ...keys, rejectUnauthorized: false } : { ...keys, ...anyName };
    case 'verify-ca':
      return { ...keys, ...anyName };
    case 'verify-full':
      return keys;
    default:
      throw invalid(
        `the store ${label}: sslmode is disable, require, verify-ca or verify-full, not "${mode}"`,
      );
  }
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.+)\]$/, '$1');
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}

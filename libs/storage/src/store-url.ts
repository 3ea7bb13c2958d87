import { join } from 'node:path';
import { OrbweaverError } from '@app/errors';
import { parsePostgresUrl } from './postgres/postgres-url.js';

export type StoreUrl = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };

/**
 * `sqlite:PATH` or `postgres://…`; without a URL, `orbweaver.db` in the data directory. Throws INVALID_ARGUMENT for
 * any other. What it says repeats no password.
 */
export function parseStoreUrl(url: string | undefined, dataDir: string): StoreUrl {
  if (url === undefined) return { kind: 'sqlite', path: join(dataDir, 'orbweaver.db') };
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 'sqlite':
      return { kind: 'sqlite', path: pathOf(rest) };
    case 'postgres':
    case 'postgresql':
      parsePostgresUrl(url);
      return { kind: 'postgres', url };
    default:
      throw invalid(
        scheme === ''
          ? `a store is sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE`
          : `a store is sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE, not of the kind ${scheme}:`,
      );
  }
}

function pathOf(rest: string): string {
  // `sqlite:///var/x.db` is the same as `sqlite:/var/x.db`.
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.startsWith('//') || path.includes('\0') || path.includes('?')) {
    throw invalid(
      `a store is sqlite:PATH with the path of a file, not ${JSON.stringify(`sqlite:${withoutUser(rest)}`)}`,
    );
  }
  return path;
}

function withoutUser(rest: string): string {
  return rest.replace(/^\/\/[^/]*@/, '//…@');
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}

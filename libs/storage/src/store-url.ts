import { join } from 'node:path';
import { OrbweaverError } from '@app/errors';

export interface StoreUrl {
  kind: 'sqlite';
  path: string;
}

/** `sqlite:PATH`; without a URL, `orbweaver.db` in the data directory. Throws INVALID_ARGUMENT for any other. */
export function parseStoreUrl(url: string | undefined, dataDir: string): StoreUrl {
  if (url === undefined) return { kind: 'sqlite', path: join(dataDir, 'orbweaver.db') };
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (scheme.toLowerCase() !== 'sqlite') {
    throw invalid(`a store is sqlite:PATH, not ${JSON.stringify(withoutCredentials(url))}`);
  }
  // `sqlite:///var/x.db` is the same as `sqlite:/var/x.db`.
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.startsWith('//') || path.includes('\0') || path.includes('?')) {
    throw invalid(`a store is sqlite:PATH with the path of a file, not ${JSON.stringify(url)}`);
  }
  return { kind: 'sqlite', path };
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}

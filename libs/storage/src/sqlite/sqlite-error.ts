import { OrbweaverError } from '@app/errors';

/** What SQLite's errors mean to whoever has to mend it, by the beginning of their codes. */
const MEANINGS: readonly (readonly [code: string, meaning: string])[] = [
  ['SQLITE_FULL', 'its disk is full'],
  ['SQLITE_READONLY', 'it may only be read'],
  ['SQLITE_CANTOPEN', 'it cannot be opened'],
  ['SQLITE_NOTADB', 'it is no database'],
  ['SQLITE_CORRUPT', 'it is damaged'],
  ['SQLITE_IOERR', 'its disk does not work'],
  ['SQLITE_PROTOCOL', 'its locks do not work'],
  ['SQLITE_NOMEM', 'there is not enough memory'],
  ['SQLITE_BUSY', 'another process keeps it locked'],
  ['SQLITE_LOCKED', 'another process keeps it locked'],
];

/** STORE_UNAVAILABLE for what the file and its disk are to blame for; anything else, a mistake of ours, as it is. */
export function storeError(path: string, error: unknown): unknown {
  const code = codeOf(error);
  const meaning = MEANINGS.find(([prefix]) => code.startsWith(prefix))?.[1];
  const isFileSystems = /^E[A-Z0-9]+$/.test(code);
  if (meaning === undefined && !isFileSystems) return error;
  const { message } = error as Error;
  return unavailable(path, meaning === undefined ? message : `${meaning} (${message})`, error);
}

export function unavailable(path: string, what: string, cause?: unknown): OrbweaverError {
  return new OrbweaverError('STORE_UNAVAILABLE', `the store ${path}: ${what}`, { cause });
}

export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** With a full disk there is nothing wrong with the connection. */
export function isFull(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_FULL');
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

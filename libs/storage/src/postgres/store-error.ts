import { OrbweaverError, type ErrorCode } from '@app/errors';
import pg from 'pg';

/** Our own functions' way to say what stood in the way (see migrations). */
export const SUPERSEDED_STATE = 'OW001';
export const STALE_STATE = 'OW002';

/** What the server or the way to it said, as our error. The message holds no password: neither ever repeats one. */
export function storeError(label: string, cause: unknown): OrbweaverError {
  return new OrbweaverError(codeOf(cause), `the store ${label}: ${messageOf(cause)}`, { cause });
}

/** What was said on purpose, by a connection that is as good as before. */
export function isOfOurMaking(error: unknown): boolean {
  return (
    error instanceof OrbweaverError ||
    (error instanceof pg.DatabaseError && [SUPERSEDED_STATE, STALE_STATE].includes(error.code ?? ''))
  );
}

/** Of a store that is opened: what cannot get better by itself is told apart from what can. */
export function openingError(label: string, cause: unknown): OrbweaverError {
  const { code, message } = storeError(label, cause);
  return new OrbweaverError(isRefusal(cause) ? 'FAILED_PRECONDITION' : code, message, { cause });
}

/** Wrong password, no right to log in, no such database, no right to make tables there. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && /^(28...|3D000|3F000|42501)$/.test(cause.code ?? '');
}

function codeOf(cause: unknown): ErrorCode {
  if (!(cause instanceof pg.DatabaseError)) return 'STORE_UNAVAILABLE';
  // A value, a constraint or a statement that is wrong: only a fault of ours, or a foreign hand in our tables.
  const isOurs = /^(21|22|23|42|54)/.test(cause.code ?? '') && cause.code !== '42501';
  return isOurs ? 'INTERNAL' : 'STORE_UNAVAILABLE';
}

function messageOf(cause: unknown): string {
  // Several addresses of one name, none of which answered.
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

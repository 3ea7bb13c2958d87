import type { Claim } from '@app/crawl';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import pg from 'pg';
import type { Call, Statement } from '../database.js';
import { SUPERSEDED_STATE } from '../store-error.js';

const HOLD: Statement = { name: 'hold', text: 'SELECT hold($1, $2)' };

/** What a transaction that writes begins with: it fails unless the claim is the last one, which it then stays. */
export function hold(claim: Claim): Call {
  return [HOLD, claim.crawlId, claim.number];
}

/** The condition of statements that only read: no row of `crawl` when the claim is not the last one. */
export const IS_HELD = 'crawl.id = $1 AND crawl.claim = $2 AND crawl.resource IS NOT NULL';

export async function fenced<T>(claim: Claim, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw stateOf(error)?.code === SUPERSEDED_STATE ? superseded(claim.resource) : error;
  }
}

export function superseded(resource: string): OrbweaverError {
  return new OrbweaverError(
    'SUPERSEDED',
    `a newer owner has claimed the crawl of ${JSON.stringify(resource)}`,
  );
}

/** What the server said, where it did. */
export function stateOf(error: unknown): pg.DatabaseError | undefined {
  return isOrbweaverError(error) && error.cause instanceof pg.DatabaseError ? error.cause : undefined;
}

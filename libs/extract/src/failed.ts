import { OrbweaverError } from '@app/errors';

/** The page cannot be read; the reason is for people. */
export function failed(reason: string, cause?: unknown): OrbweaverError {
  return new OrbweaverError('EXTRACT_FAILED', reason, cause === undefined ? undefined : { cause });
}

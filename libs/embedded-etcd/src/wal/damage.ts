import { OrbweaverError } from '@app/errors';

/** The refusal of a file that does not hold what was written to it. */
export function damaged(file: string, offset: number, fault: string): OrbweaverError {
  return new OrbweaverError(
    'FAILED_PRECONDITION',
    `${file} is damaged at offset ${offset}: ${fault}. Nothing was changed; restore the data directory from a copy, ` +
      'or start with an empty one.',
  );
}

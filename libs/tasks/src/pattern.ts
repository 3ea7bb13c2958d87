import { OrbweaverError } from '@app/errors';
import { RE2JS } from 're2js';

/**
 * A regular expression of a spec. It runs in time linear in the text, whatever was written (RE2: no look-around,
 * no back references), so no page and no pattern can hold a worker up. Flags stand in front: `(?i)`, `(?s)`.
 */
export interface Pattern {
  test(text: string): boolean;
  /** The first match: its first group that took part, or the whole of it. */
  first(text: string): string | undefined;
  /** The same of each match, in order. */
  all(text: string): string[];
  /** The first match and its groups, as RegExp's `exec` gives them. */
  groups(text: string): (string | undefined)[] | undefined;
}

const MAX_LENGTH = 1_000;

/** Throws INVALID_ARGUMENT that says what is wrong with it. */
export function compilePattern(source: string): Pattern {
  const compiled = compile(source);
  return {
    test: (text) => compiled.test(text),
    first: (text) => {
      const match = compiled.exec(text);
      return match === null ? undefined : valueOf(match);
    },
    all: (text) => Array.from(compiled.matchAll(text), valueOf),
    groups: (text) => {
      const match = compiled.exec(text);
      return match === null ? undefined : [...match];
    },
  };
}

function compile(source: string): RE2JS {
  if (source === '' || source.length > MAX_LENGTH) {
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      `expected a regular expression of 1 to ${MAX_LENGTH} characters`,
    );
  }
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    const fault =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      `not a regular expression that runs in linear time: ${fault}`,
      { cause: error },
    );
  }
}

function valueOf(match: readonly (string | undefined)[]): string {
  return match.slice(1).find((group) => group !== undefined) ?? match[0] ?? '';
}

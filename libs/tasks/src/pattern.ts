import { OrbweaverError } from '@app/errors';
import { RE2JS } from 're2js';
import { quoted } from './quoted.js';

/**
 * A regular expression of a spec. It runs in time linear in the text, whatever was written (RE2: no look-around,
 * no back references), so that no page and no pattern can hold a worker up. Flags stand in front: `(?i)`, `(?s)`.
 * All of them throw EXTRACT_FAILED where the pattern is so large and the text so long that even this takes seconds.
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
const MAX_INSTRUCTIONS = 2_000;

/** Instructions times characters: the worst that can happen takes some 40 ns for each. */
const MAX_WORK = 100_000_000;

/** Throws INVALID_ARGUMENT that says what is wrong with it. */
export function compilePattern(source: string): Pattern {
  const compiled = compile(source);
  const maxLength = Math.floor(MAX_WORK / compiled.programSize());
  const within = (text: string): string => {
    if (text.length <= maxLength) return text;
    throw new OrbweaverError(
      'EXTRACT_FAILED',
      `the regular expression ${quoted(source)} would take too long on ${text.length} characters`,
    );
  };
  return {
    test: (text) => compiled.test(within(text)),
    first: (text) => {
      const match = compiled.exec(within(text));
      return match === null ? undefined : valueOf(match);
    },
    all: (text) => Array.from(compiled.matchAll(within(text)), valueOf),
    groups: (text) => {
      const match = compiled.exec(within(text));
      return match === null ? undefined : [...match];
    },
  };
}

function compile(source: string): RE2JS {
  if (source === '' || source.length > MAX_LENGTH) {
    throw invalid(`expected a regular expression of 1 to ${MAX_LENGTH} characters`);
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    const fault = (error as Error).message.replace(/^error parsing regexp: /, '');
    throw invalid(`not a regular expression that runs in linear time: ${fault}`, error);
  }
  if (compiled.programSize() <= MAX_INSTRUCTIONS) return compiled;
  throw invalid('a regular expression whose repetitions make it too large');
}

function valueOf(match: readonly (string | undefined)[]): string {
  return match.slice(1).find((group) => group !== undefined) ?? match[0] ?? '';
}

function invalid(message: string, cause?: unknown): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message, { cause });
}

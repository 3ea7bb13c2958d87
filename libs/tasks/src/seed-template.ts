import { OrbweaverError } from '@app/errors';
import { quoted } from './quoted.js';

/** What a template stands for, made only when it is asked for. */
export interface SeedTemplate {
  count: number;
  /** The last part changes fastest. */
  texts: () => string[];
}

/**
 * `{1..50}`, `{0..100..25}`, `{01..12}` (of equal width), `{a,b,c}`; as a shell has them, but not nested. Throws
 * INVALID_ARGUMENT for other braces.
 */
export function parseTemplate(template: string): SeedTemplate {
  const parts = template.split(/(\{[^{}]*\})/).map(partOf);
  return {
    count: parts.reduce((product, part) => product * part.count, 1),
    texts: () =>
      parts.reduce(
        (texts, part) => texts.flatMap((text) => textsOf(part).map((choice) => text + choice)),
        [''],
      ),
  };
}

interface Part {
  count: number;
  at: (index: number) => string;
}

function textsOf({ count, at }: Part): string[] {
  return Array.from({ length: count }, (_, index) => at(index));
}

function partOf(text: string): Part {
  if (!/[{}]/.test(text)) return list([text]);
  const part = rangeOf(text) ?? listOf(text);
  if (part !== undefined) return part;
  throw new OrbweaverError(
    'INVALID_ARGUMENT',
    `expected {1..50}, {0..100..25} or {a,b} where there are braces, got ${quoted(text)}`,
  );
}

function listOf(text: string): Part | undefined {
  const choices = /^\{([^{}]*,[^{}]*)\}$/.exec(text)?.[1];
  return choices === undefined ? undefined : list(choices.split(','));
}

function list(choices: readonly string[]): Part {
  return { count: choices.length, at: (index) => choices[index] ?? '' };
}

function rangeOf(text: string): Part | undefined {
  const [, first = '', last = '', step = '1'] =
    /^\{(\d{1,15})\.\.(\d{1,15})(?:\.\.(\d{1,15}))?\}$/.exec(text) ?? [];
  if (first === '' || Number(step) === 0) return undefined;
  const [from, to] = [Number(first), Number(last)];
  const width = /^0\d/.test(first) || /^0\d/.test(last) ? Math.max(first.length, last.length) : 0;
  const stride = from <= to ? Number(step) : -Number(step);
  return {
    count: Math.floor((to - from) / stride) + 1,
    at: (index) => String(from + index * stride).padStart(width, '0'),
  };
}

import { parse, stringify } from 'yaml';

/** As the API's types have any JSON object. */
export type SpecJson = Record<string, never>;

/** What was typed, YAML or JSON; throws with words for people when it is neither. */
export function specOf(text: string): SpecJson {
  return mappingOf(text, 'A task is keys and their values, such as: seeds: https://example.com/');
}

/** What a link carries, as it was typed: the same. */
export function carriedOf(text: string): SpecJson {
  return mappingOf(text, 'What a link carries is names and their values, such as: { tag: Novels }');
}

function mappingOf(text: string, otherwise: string): SpecJson {
  const value: unknown = parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as SpecJson;
  throw new Error(otherwise);
}

/** The names of its rules; none while what was typed is no spec. */
export function rulesOf(text: string): string[] {
  try {
    const { rules } = specOf(text) as { rules?: unknown };
    return typeof rules === 'object' && rules !== null ? Object.keys(rules) : [];
  } catch {
    // Who hands it in is told what is wrong with it.
    return [];
  }
}

/** A spec as the API gives it, as YAML. */
export function yamlOf(spec: unknown): string {
  return stringify(typeof spec === 'string' ? JSON.parse(spec) : spec);
}

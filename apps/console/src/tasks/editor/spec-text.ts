import { parse, stringify } from 'yaml';

/** As the API's types have any JSON object. */
export type SpecJson = Record<string, never>;

/** What was typed, YAML or JSON; throws with words for people when it is neither. */
export function specOf(text: string): SpecJson {
  const spec: unknown = parse(text);
  if (typeof spec === 'object' && spec !== null && !Array.isArray(spec)) return spec as SpecJson;
  throw new Error('A task is keys and their values, such as: seeds: https://example.com/');
}

/** A spec as the API gives it, as YAML. */
export function yamlOf(spec: unknown): string {
  return stringify(typeof spec === 'string' ? JSON.parse(spec) : spec);
}

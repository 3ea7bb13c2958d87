/** Arrays as PostgreSQL reads them: one value that stands for a column of thousands. */

export function textArray(values: readonly string[]): string {
  return values.length === 0 ? '{}' : `{${values.map(quoted).join(',')}}`;
}

export function numberArray(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

/** A text column takes every character but this one. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

function quoted(value: string): string {
  const text = storable(value);
  return SPECIAL.test(text) ? `"${text.replace(EACH_SPECIAL, '\\$&')}"` : `"${text}"`;
}

const SPECIAL = /["\\]/;
const EACH_SPECIAL = /["\\]/g;

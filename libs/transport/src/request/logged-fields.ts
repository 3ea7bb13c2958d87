import type { DescField, DescMessage } from '@bufbuild/protobuf';

const MAX_TEXT = 512;
const MAX_ITEMS = 8;
const MAX_DEPTH = 4;

/**
 * The fields of a message that are set, under their proto names, as Go logs the struct. Long texts and
 * lists are cut: the line says what was asked, it does not keep it.
 */
export function loggedFields(type: DescMessage, message: unknown, depth = 0): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const record = message as Record<string, unknown>;
  for (const field of type.fields) {
    const value = record[field.localName];
    // Unset is '', 0, 0n, false, undefined, or an empty list.
    if (value && !(Array.isArray(value) && value.length === 0)) {
      fields[field.name] = loggedValue(field, value, depth);
    }
  }
  return fields;
}

function loggedValue(field: DescField, value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…(${value.length} characters)` : value;
  }
  if (Array.isArray(value)) {
    const shown: unknown[] = value.slice(0, MAX_ITEMS).map((item) => loggedValue(field, item, depth));
    return value.length > MAX_ITEMS ? [...shown, `…(${value.length} in all)`] : shown;
  }
  if (typeof value === 'object' && value !== null) {
    return field.message === undefined || depth === MAX_DEPTH
      ? '…'
      : loggedFields(field.message, value, depth + 1);
  }
  return value;
}

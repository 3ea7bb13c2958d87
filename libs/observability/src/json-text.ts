/**
 * JSON text of a log field. Unlike `JSON.stringify` it writes a bigint as a number with all its digits, an
 * error with its message, code, stack and cause, and ends on a cycle instead of throwing: a log line is
 * never lost for what it says.
 */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return `"${value}"`;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return typeof value === 'object' && value !== null ? safeText(value, []) : 'null';
}

const MAX_DEPTH = 12;

function safeText(value: object, ancestors: readonly object[]): string {
  if (ancestors.length > MAX_DEPTH || ancestors.includes(value)) {
    return '"[…]"';
  }
  try {
    return objectText(value, ancestors);
  } catch (error) {
    // A getter or toJSON of what is logged.
    return JSON.stringify(`[${String(error)}]`);
  }
}

function objectText(value: object, ancestors: readonly object[]): string {
  const path = [...ancestors, value];
  const text = (inner: unknown): string =>
    typeof inner === 'object' && inner !== null ? safeText(inner, path) : jsonText(inner);
  if (value instanceof Error) {
    return recordText(errorFields(value), text);
  }
  if (Array.isArray(value)) {
    return `[${value.map(text).join(',')}]`;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return text(value.toJSON());
  }
  if (value instanceof Map) {
    return recordText(Object.fromEntries(value), text);
  }
  if (value instanceof Set) {
    return text([...value]);
  }
  return recordText(value as Record<string, unknown>, text);
}

function recordText(record: Record<string, unknown>, text: (value: unknown) => string): string {
  let out = '';
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value !== undefined && typeof value !== 'function') {
      out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${text(value)}`;
    }
  }
  return `{${out}}`;
}

function errorFields(error: Error): Record<string, unknown> {
  return {
    type: error.name,
    ...('code' in error ? { code: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}

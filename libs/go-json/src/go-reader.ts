/**
 * Reads JSON with the rules of Go's `encoding/json` where they differ from those of `JSON.parse`: numbers
 * keep every digit, keys match whatever their case, of repeated keys the last counts.
 */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INTEGER = /^-?\d{1,19}$/;

/**
 * The members of a JSON object in their order, repeated ones included, each value as the text that stood
 * there. Undefined when the text is not JSON or not an object.
 */
export function goMembers(json: string): [key: string, raw: string][] | undefined {
  const object = parse(json);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;

  const members: [string, string][] = [];
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json[at] !== '}') {
    const keyEnd = skipValue(json, at);
    const key = goText(json.slice(at, keyEnd)) ?? '';
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, start);
    members.push([key, json.slice(start, end)]);
    at = skipSpace(json, end);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  return members;
}

/** The string that a JSON text is, undefined when it is none. Half a surrogate pair becomes U+FFFD. */
export function goText(raw: string): string | undefined {
  const value = parse(raw);
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : undefined;
}

/** Whether Go would read this JSON number into an int64: no fraction, no exponent, in range. */
export function isInt64(raw: string): boolean {
  if (!INTEGER.test(raw)) return false;
  const value = BigInt(raw);
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** Two keys that Go takes for the same field fold to the same text: ASCII case, U+017F as s, U+212A as k. */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

// The scanners below walk text that is known to be valid JSON.

function skipSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function skipValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') at = closingQuote(json, at);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      if (depth === 0) return at;
      depth -= 1;
    } else if (depth === 0 && (char === ',' || char === ':' || json.charCodeAt(at) <= 0x20)) return at;
  }
  return json.length;
}

function closingQuote(json: string, opening: number): number {
  let at = opening + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

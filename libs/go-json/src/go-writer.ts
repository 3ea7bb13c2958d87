/**
 * Writes JSON byte for byte as Go's `encoding/json` does by default (HTML escaping on, Go 1.22 and later:
 * before, \b and \f were written \u0008 and \u000c). Readers of either take both.
 */

// eslint-disable-next-line no-control-regex
const ESCAPED = /["\\<>&\u0000-\u001f\u2028\u2029\p{Surrogate}]/gu;
const ESCAPED_ASCII = Array.from(
  { length: 0x80 },
  (_, code) => code < 0x20 || '"\\<>&'.includes(String.fromCharCode(code)),
);
const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A JSON string with its quotes. Half a surrogate pair is no text and becomes \ufffd, as bad UTF-8 does in Go. */
export function goString(text: string): string {
  return isPlain(text) ? `"${text}"` : `"${text.replace(ESCAPED, escape)}"`;
}

/** Most texts are, and for short ones this is several times faster than a regular expression. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80 ? ESCAPED_ASCII[code] : code >= 0x2028) return false;
  }
  return true;
}

/** A Go map of strings: keys sorted by their bytes, `null` for a map that was never made. */
export function goObject(map: Readonly<Record<string, string>> | null): string {
  if (map === null) return 'null';
  const members = Object.keys(map)
    .sort(compareUtf8)
    .map((key) => `${goString(key)}:${goString(map[key] ?? '')}`);
  return `{${members.join(',')}}`;
}

/** The order of the UTF-8 bytes, which is Go's and etcd's, and not that of UTF-16 beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function escape(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  return SHORT[char] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * A date as `2024-05-01`, an instant as `2024-05-01T10:00:00.000Z`. A time without a zone is taken for UTC, so
 * that a page means the same wherever it is read; a number counts the seconds since 1970, a large one milliseconds.
 */
export function parseDate(value: string | number): string | undefined {
  if (typeof value === 'number') return instant(Math.abs(value) < 1e11 ? value * 1_000 : value);
  const text = value.replace(/(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日/, '$1-$2-$3');
  const numeric = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (numeric !== null) return day(numeric[1], numeric[2], numeric[3]);
  // Anything without letters or digits enough would be read as some date by a lenient reader.
  if (text.length > 60 || !/\d{4}/.test(text)) return undefined;
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d.*)$/.exec(text);
  const written =
    iso === null ? text : `${day(iso[1], iso[2], iso[3]) ?? 'none'}T${(iso[4] ?? '').replace(/\s+/g, '')}`;
  const hasTime = /\d:\d\d/.test(written);
  const hasZone = hasTime && /(?:[zZ]|[+-]\d\d:?\d\d|\b(?:UTC|GMT|[ECMP][SD]T))(?:\s*\(.*\))?$/.test(written);
  const at = Date.parse(hasZone ? written : iso === null ? `${written} UTC` : `${written}Z`);
  return hasTime ? instant(at) : instant(at)?.slice(0, 10);
}

function day(year = '', month = '', date = ''): string | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  return instant(Date.parse(text))?.startsWith(text) === true ? text : undefined;
}

function instant(ms: number): string | undefined {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
}

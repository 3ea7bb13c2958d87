/** Of a URL, in SQL: half of its SHA-256. Not a function there: calling one costs ten times as much as the work. */
export function fingerprintOf(url: string): string {
  return `encode(substr(sha256(convert_to(${url}, 'UTF8')), 1, 16), 'hex')::uuid`;
}

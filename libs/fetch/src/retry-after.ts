/** Milliseconds of a Retry-After header: seconds, or an HTTP date. Undefined when it is neither. */
export function parseRetryAfter(text: string, nowAt: number): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowAt);
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** Milliseconds of `300ms`, `5s`, `2m`, `1h`, `1m30s` or `1.5s`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) {
    ms += Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
  }
  return Number.isInteger(ms) && Number.isSafeInteger(ms) ? ms : undefined;
}

/** The shortest way of writing a duration: `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / UNITS_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * UNITS_MS[unit];
  }
  return text;
}

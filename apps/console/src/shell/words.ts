/** Numbers and times as people read them. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** 64-bit integers are texts in proto3 JSON. */
export function count(value: string | number | undefined): string {
  return WHOLE.format(BigInt(value ?? 0));
}

export function rate(perSecond: number | undefined): string {
  return SHORT.format(perSecond ?? 0);
}

/** "12 s", "3 min", "2 h", "5 d". */
export function duration(ms: number): string {
  const steps: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ];
  for (const [unitMs, unit] of steps) {
    if (ms >= unitMs) return `${Math.floor(ms / unitMs)} ${unit}`;
  }
  return `${Math.max(0, Math.floor(ms / 1_000))} s`;
}

export function age(time: string | undefined, now: number = Date.now()): string {
  return time === undefined ? '–' : duration(now - Date.parse(time));
}

export function ago(time: string | undefined): string {
  return time === undefined ? '–' : `${age(time)} ago`;
}

export function since(at: Date): string {
  return at.toLocaleTimeString();
}

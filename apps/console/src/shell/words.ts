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

/** "4.2 MiB"; a dash for what is not known. */
export function bytes(value: string | number | undefined): string {
  const size = Number(value ?? 0);
  if (size === 0) return '–';
  const power = Math.min(4, Math.floor(Math.log2(size) / 10));
  return `${SHORT.format(size / 1024 ** power)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

/** "3 ms", "12 s", "3 min", "2 h", "5 d". */
export function duration(ms: number): string {
  const steps: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  for (const [unitMs, unit] of steps) {
    if (ms >= unitMs) return `${SHORT.format(Math.floor((ms / unitMs) * 10) / 10)} ${unit}`;
  }
  return `${WHOLE.format(Math.max(0, ms))} ms`;
}

/** In whole units: it grows while it is looked at. */
export function age(time: string | undefined, now: number = Date.now()): string {
  if (time === undefined) return '–';
  const ms = Math.max(0, now - Date.parse(time));
  return ms < 1_000 ? '0 s' : duration(ms).replace(/\.\d/, '');
}

export function ago(time: string | undefined): string {
  return time === undefined ? '–' : `${age(time)} ago`;
}

export function clock(at: Date): string {
  return at.toLocaleTimeString();
}

/** Without what all nodes' ids begin with. */
export function nodeName(id: string | undefined): string {
  return (id ?? '').replace(/^go\.micro\.server\./, '');
}

/** "1 task", "2 tasks". */
export function several(number: number, noun: string): string {
  return `${count(number)} ${number === 1 ? noun : `${noun}s`}`;
}

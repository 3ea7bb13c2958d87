const STEPS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

/** How long ago an instant was, in its largest unit: `5m`. Empty where there is none. */
export function age(timestamp: string | undefined, now = Date.now()): string {
  return span(now - Date.parse(timestamp ?? ''));
}

/** How long it takes until an instant comes. */
export function until(timestamp: string | undefined, now = Date.now()): string {
  return span(Date.parse(timestamp ?? '') - now);
}

function span(ms: number): string {
  if (Number.isNaN(ms)) return '';
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [size, unit] = STEPS.find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${unit}`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(count: string | number): string {
  let size = Number(count);
  let unit = 0;
  for (; size >= 1024 && unit < SIZES.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${SIZES[unit]}`;
}

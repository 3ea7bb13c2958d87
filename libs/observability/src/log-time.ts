/** The time of a log line as zap's ISO-8601 encoder writes it: `2022-12-12T16:55:42.798+0800`, local zone. */
let second = Number.NaN;
let prefix = '';
let zone = '';

export function logTime(epochMs: number): string {
  const current = Math.floor(epochMs / 1000);
  if (current !== second) {
    second = current;
    render(new Date(epochMs));
  }
  const ms = epochMs - current * 1000;
  return prefix + (ms < 10 ? '00' : ms < 100 ? '0' : '') + ms + zone;
}

function render(date: Date): void {
  const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
  const offset = -date.getTimezoneOffset();
  const minutes = Math.abs(offset);
  prefix =
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}` +
    `T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.`;
  zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${two(minutes % 60)}`;
}

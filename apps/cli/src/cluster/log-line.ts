import type { Colours } from '../output/colours.js';

/** What a child tells when it serves: the addresses that it really bound. */
export interface Ready {
  readonly http: string;
  readonly grpc: string;
  readonly pprof?: string;
}

type Line = Readonly<Record<string, unknown>>;

/** A line of a process's log; undefined for what is not JSON. */
export function parseLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

export function readyOf(line: Line | undefined): Ready | undefined {
  if (line?.['msg'] !== 'ready') return undefined;
  const { http, grpc, pprof } = line;
  if (typeof http !== 'string' || typeof grpc !== 'string') return undefined;
  return typeof pprof === 'string' && pprof !== '' ? { http, grpc, pprof } : { http, grpc };
}

/** A log line as a person reads it: time, level, message, then the fields. */
export function humanLine(text: string, colours: Colours): string {
  const line = parseLine(text);
  if (line === undefined) return text;
  const { level, ts, logger, caller: _caller, msg, ...fields } = line;
  const time = /T(\d\d:\d\d:\d\d\.\d{3})/.exec(show(ts))?.[1] ?? show(ts);
  const origin = show(logger).includes('.') ? [colours.dim(show(logger))] : [];
  const rest = Object.entries(fields).map(
    ([key, value]) => colours.dim(`${key.replace(/:$/, '')}=`) + show(value),
  );
  return [colours.dim(time), paintLevel(show(level), colours), ...origin, show(msg), ...rest].join(' ');
}

function paintLevel(level: string, colours: Colours): string {
  const padded = level.slice(0, 5).padEnd(5);
  if (level === 'ERROR' || level === 'FATAL') return colours.red(padded);
  return level === 'WARN' ? colours.yellow(padded) : colours.green(padded);
}

const LONGEST_FIELD = 300;

function show(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD)}…` : text;
}

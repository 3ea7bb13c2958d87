import { formatDuration, parseDuration } from '@app/config';
import { OrbweaverError } from '@app/errors';
import { z } from 'zod';
import { textFor } from './faults.js';

/** `300ms`, `1m30s`: in milliseconds. */
export function duration(minMs: number, maxMs: number) {
  return durationText(minMs, maxMs, `between ${formatDuration(minMs)} and ${formatDuration(maxMs)}`);
}

/** The same, or 0. */
export function pause(maxMs: number) {
  const range = `of at most ${formatDuration(maxMs)}`;
  return z.union([durationText(0, maxMs, range), z.literal(0)], { error: expectedDuration(range) });
}

function durationText(minMs: number, maxMs: number, range: string) {
  const expected = expectedDuration(range);
  return textFor(expected, (written) => {
    const ms = parseDuration(written);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    throw new OrbweaverError('INVALID_ARGUMENT', expected);
  }).meta({ pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h))+$' });
}

function expectedDuration(range: string): string {
  return `expected a duration ${range}, written like 300ms, 5s or 2m`;
}

export function count(min: number, max: number) {
  const error = `expected a whole number between ${min} and ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

const BYTES = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** `512KiB`, `10MiB`: in bytes. */
export function size(min: string, max: string) {
  const expected = `expected a size between ${min} and ${max}, written like 512KiB or 10MiB`;
  const [minBytes = 0, maxBytes = 0] = [parseSize(min), parseSize(max)];
  return textFor(expected, (written) => {
    const bytes = parseSize(written);
    if (bytes !== undefined && bytes >= minBytes && bytes <= maxBytes) return bytes;
    throw new OrbweaverError('INVALID_ARGUMENT', expected);
  }).meta({ pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$' });
}

function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Math.floor(Number(amount) * BYTES[unit as keyof typeof BYTES]);
}

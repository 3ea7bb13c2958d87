import { OrbweaverError } from '@app/errors';
import { parseDuration } from '@app/config';
import { z } from 'zod';
import type { RateLimit } from '../spec.js';
import { count, duration } from './amounts.js';
import { closedObject, oneOrMany, textFor } from './faults.js';

const MAX_EVENTS = 1_000_000;
const MAX_PER_MS = 24 * 3_600_000;
const EXPECTED = 'expected a limit like 10/1m, or an object with "events" and "per"';

const text = textFor(EXPECTED, (written): RateLimit => {
  const [, events, per] = /^(\d{1,7})\s*\/\s*(\w+)$/.exec(written.trim()) ?? [];
  const perMs = parseDuration(/^\d/.test(per ?? '') ? (per ?? '') : `1${per}`);
  if (
    Number(events) >= 1 &&
    Number(events) <= MAX_EVENTS &&
    perMs !== undefined &&
    perMs > 0 &&
    perMs <= MAX_PER_MS
  ) {
    return { events: Number(events), perMs, bucket: 1 };
  }
  throw new OrbweaverError('INVALID_ARGUMENT', EXPECTED);
});

const object = closedObject(
  {
    events: count(1, MAX_EVENTS).describe('How many requests there may be in the time of "per".'),
    per: duration(1, MAX_PER_MS),
    bucket: count(1, MAX_EVENTS).default(1).describe('How many may be sent at once after a pause.'),
  },
  EXPECTED,
).transform(({ events, per, bucket }): RateLimit => ({ events, perMs: per, bucket }));

export const limits = oneOrMany(
  z.union([text, object], { error: EXPECTED }),
  'expected a list of limits',
  20,
);

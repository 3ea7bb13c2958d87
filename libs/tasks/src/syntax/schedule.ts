import { Cron } from 'croner';
import { z } from 'zod';
import type { Schedule } from '../spec.js';
import { checkedText, closedObject } from './faults.js';
import { quoted } from '../quoted.js';

const EXPECTED = 'expected a schedule like "0 3 * * *", or an object with "cron"';

const cron = checkedText(EXPECTED, cronFault);

const timeZone = checkedText('expected the name of a time zone', (name) => {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return undefined;
  } catch {
    return `expected the name of a time zone like Europe/Berlin, got ${quoted(name)}`;
  }
});

const OVERLAPS = ['skip', 'queue'] as const;

const object = closedObject(
  {
    cron: cron.describe('Five fields, six with seconds, or a name like @daily.'),
    timeZone: timeZone.default('UTC').describe('IANA name.'),
    overlap: z
      .enum(OVERLAPS, { error: `expected one of ${OVERLAPS.join(', ')}` })
      .default('skip')
      .describe('When a run is still under way: leave this one out, or run it right after.'),
  },
  EXPECTED,
);

export const schedule = z.union(
  [cron.transform((text): Schedule => ({ cron: text, timeZone: 'UTC', overlap: 'skip' })), object],
  { error: EXPECTED },
);

function cronFault(text: string): string | undefined {
  try {
    const next = new Cron(text, { mode: '5-or-6-parts', paused: true }).nextRun();
    return next === null ? `the schedule ${quoted(text)} never comes due` : undefined;
  } catch (error) {
    return `not a schedule: ${error instanceof Error ? error.message : String(error)}`;
  }
}

import { z } from 'zod';
import type { Retries } from '../spec.js';
import { count, duration } from './amounts.js';
import { closedObject } from './faults.js';

const FIRST_DELAY_MS = 1_000;
const EXPECTED = 'expected a whole number between 0 and 100, or an object with "max" and "delay"';

const times = count(0, 100);

export const retries = z.union(
  [
    times.transform((max): Retries => ({ max, firstDelayMs: FIRST_DELAY_MS })),
    closedObject({ max: times.default(3), delay: duration(1, 3_600_000).prefault('1s') }, EXPECTED).transform(
      ({ max, delay }): Retries => ({ max, firstDelayMs: delay }),
    ),
  ],
  { error: EXPECTED },
);

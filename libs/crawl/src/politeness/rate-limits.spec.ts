import * as fc from 'fast-check';
import { RateLimits } from './rate-limits.js';

/** When events happen that come as soon as they may, or at their own time. */
function eventsOf(limits: RateLimits, comesAt: readonly number[]): number[] {
  let now = 0;
  return comesAt.map((at) => {
    now = Math.max(now, at);
    for (let waitMs; (waitMs = limits.waitMs(now)) > 0;) now += waitMs;
    limits.take(now);
    return now;
  });
}

describe('the rate limits of a task', () => {
  it('lets a full bucket go at once, then one by one', () => {
    const limits = new RateLimits([{ events: 1, perMs: 1_000, bucket: 3 }], 0, 'full');
    expect(eventsOf(limits, [0, 0, 0, 0, 0])).toEqual([0, 0, 0, 1_000, 2_000]);
  });

  it('begins empty where it is not known what was used before', () => {
    const limits = new RateLimits([{ events: 2, perMs: 1_000, bucket: 5 }], 0, 'empty');
    expect(eventsOf(limits, [0, 0])).toEqual([500, 1_000]);
  });

  it('holds all of them', () => {
    const limits = new RateLimits(
      [
        { events: 1, perMs: 100, bucket: 2 },
        { events: 3, perMs: 10_000, bucket: 3 },
      ],
      0,
      'full',
    );
    const at = eventsOf(limits, [0, 0, 0, 0]);
    expect(at.slice(0, 3)).toEqual([0, 0, 100]);
    expect(at[3]).toBeGreaterThan(3_000);
  });

  it('never lets more through in any span of time than the bucket and what flows into it', () => {
    const limit = fc.record({
      events: fc.integer({ min: 1, max: 20 }),
      perMs: fc.constantFrom(100, 1_000, 60_000),
      bucket: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat({ max: 5_000 }), { maxLength: 40 }),
        (all, comesAt) => {
          const at = eventsOf(
            new RateLimits(all, 0, 'full'),
            comesAt.sort((a, b) => a - b),
          );
          for (const { events, perMs, bucket } of all) {
            at.forEach((from, first) => {
              at.slice(first).forEach((to, count) => {
                expect(count + 1).toBeLessThanOrEqual(bucket + ((to - from) * events) / perMs + 1e-6);
              });
            });
          }
        },
      ),
    );
  });
});

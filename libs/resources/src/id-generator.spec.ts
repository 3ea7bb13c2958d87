import * as fc from 'fast-check';
import { EPOCH_MS, IdGenerator } from './id-generator.js';

const NOW = 1_700_000_000_000;

function generator(options: { node?: number; floorMs?: number; now?: () => number }) {
  return new IdGenerator(options.node ?? 5, {
    floorMs: options.floorMs ?? 0,
    now: options.now ?? (() => NOW),
  });
}

describe('IdGenerator', () => {
  it('puts the milliseconds since the epoch, the node and the sequence where a snowflake has them', () => {
    const ids = generator({ node: 1022 });
    ids.allow(NOW);
    const parts = [ids.next(), ids.next()]
      .map(BigInt)
      .map((id) => [id >> 22n, (id >> 12n) & 1023n, id & 4095n]);
    const ms = BigInt(NOW - EPOCH_MS);
    expect(parts).toEqual([
      [ms, 1022n, 0n],
      [ms, 1022n, 1n],
    ]);
  });

  it.each([0, 1023, 1024, -1, 1.5, NaN])('refuses node number %p', (node) => {
    expect(() => generator({ node })).toThrow(/1 to 1022/);
  });

  it('gives nothing before the mark has moved, and asks for that in good time', () => {
    let now = NOW;
    const ids = generator({ now: () => now });
    expect(ids.ready).toBe(false);
    expect(() => ids.next()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    const mark = ids.needsMark()!;
    expect(mark).toBe(NOW + 10_000);
    ids.allow(mark);
    ids.next();
    expect([ids.ready, ids.needsMark()]).toEqual([true, undefined]);
    now += 6000;
    expect([ids.ready, ids.needsMark()]).toEqual([true, now + 10_000]);
    now += 6000;
    expect(ids.ready).toBe(false);
  });

  it('runs ahead of the clock instead of waiting when a millisecond is used up', () => {
    const ids = generator({});
    ids.allow(NOW + 2);
    const given = Array.from({ length: 3 * 4096 }, () => BigInt(ids.next()));
    expect(new Set(given).size).toBe(3 * 4096);
    expect(given.at(-1)! >> 22n).toBe(BigInt(NOW + 2 - EPOCH_MS));
    expect(() => ids.next()).toThrow(/mark/);
  });

  it('starts above the mark of the leader before it, wherever its own clock is', () => {
    const ids = generator({ floorMs: NOW + 60_000 });
    ids.allow(NOW + 70_000);
    expect(BigInt(ids.next()) >> 22n).toBe(BigInt(NOW + 60_001 - EPOCH_MS));
  });

  it('never repeats and always rises, through failovers, restarts and any clock', () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('give' as const),
          count: fc.integer({ min: 1, max: 5000 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('clock' as const),
          by: fc.integer({ min: -3_600_000, max: 3_600_000 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -3, max: 3 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('failover' as const),
          node: fc.integer({ min: 1, max: 3 }),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = NOW;
        let mark = 0;
        let ids = generator({ node: 1, now: () => now });
        let last = 0n;
        const repeated: string[] = [];
        for (const step of steps) {
          if (step.kind === 'clock') now += step.by;
          else if (step.kind === 'failover')
            ids = generator({ node: step.node, floorMs: mark, now: () => now });
          else {
            for (let i = 0; i < step.count; i += 1) {
              if (!ids.ready) {
                mark = ids.needsMark()!;
                ids.allow(mark);
              }
              const id = BigInt(ids.next());
              if (id <= last) repeated.push(`${id} after ${last}`);
              last = id;
            }
          }
        }
        expect(repeated).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps two nodes apart even when both give in the same millisecond', () => {
    const [a, b] = [generator({ node: 1 }), generator({ node: 2 })];
    a.allow(NOW);
    b.allow(NOW);
    const given = Array.from({ length: 4096 }, () => [a.next(), b.next()]).flat();
    expect(new Set(given).size).toBe(8192);
  });
});

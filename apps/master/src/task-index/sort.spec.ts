import fc from 'fast-check';
import { Breath } from './breath.js';
import { sorted } from './sort.js';

test('numbers come sorted, equal ones in their order, however many runs are merged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(20_000),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(),
      async (count, kinds, seed) => {
        const keys = Array.from({ length: count }, (_, i) => ((i + seed) * 7_919) % kinds);
        const expected = keys.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b);
        expect([...(await sorted(count, (a, b) => keys[a]! - keys[b]!))]).toEqual(expected);
      },
    ),
    { numRuns: 20 },
  );
});

test('a long sort lets others have their turn', async () => {
  const keys = Array.from({ length: 200_000 }, () => Math.random());
  let turns = 0;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await sorted(keys.length, (a, b) => keys[a]! - keys[b]!, new Breath());
  clearImmediate(next);
  expect(turns).toBeGreaterThan(3);
});

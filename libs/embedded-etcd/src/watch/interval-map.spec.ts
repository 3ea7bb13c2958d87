import fc from 'fast-check';
import { contains, type KeyInterval } from '../mvcc/key-interval.js';
import { IntervalMap } from './interval-map.js';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
const interval: fc.Arbitrary<KeyInterval> = fc.record({
  key,
  end: fc.oneof(fc.constant(undefined), fc.constant(''), key),
});

it('finds exactly the values whose interval holds the key, after any additions and removals', () => {
  const change = fc.record({ interval, value: fc.nat(4), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.oneof(change, key), { maxLength: 60 }), (steps) => {
      const map = new IntervalMap<number>();
      const model = new Map<string, { interval: KeyInterval; value: number }>();
      for (const step of steps) {
        if (typeof step === 'string') {
          const found: number[] = [];
          map.visit(step, (value) => found.push(value));
          const expected = [...model.values()].filter((entry) => contains(entry.interval, step));
          expect(found.sort(ascending)).toEqual(expected.map((entry) => entry.value).sort(ascending));
          continue;
        }
        const name = JSON.stringify([step.interval.key, step.interval.end ?? null, step.value]);
        if (step.remove) {
          map.delete(step.interval, step.value);
          model.delete(name);
        } else {
          map.add(step.interval, step.value);
          model.set(name, step);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

function ascending(a: number, b: number): number {
  return a - b;
}

import * as fc from 'fast-check';
import { OrderedSlots } from './ordered-slots.js';

describe('OrderedSlots', () => {
  it('iterates and counts like a sorted array, whatever was added and deleted', () => {
    const action = fc.record({
      count: fc.integer({ min: 1, max: 900 }),
      from: fc.nat(5000),
      add: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), fc.nat(5000), (actions, probe) => {
        const nameOf = (slot: number) => String((slot * 7919) % 10_007).padStart(5, '0');
        const ordered = new OrderedSlots(nameOf);
        const model = new Map<string, number>();
        for (const { count, from, add } of actions) {
          for (let slot = from; slot < from + count; slot += 1) {
            const name = nameOf(slot);
            if (add === model.has(name)) continue;
            if (add) {
              model.set(name, slot);
              ordered.add(slot);
            } else {
              model.delete(name);
              ordered.delete(slot);
            }
          }
        }
        const sorted = [...model.keys()].sort();
        const after = (name: string) => name >= nameOf(probe);
        expect(ordered.size).toBe(sorted.length);
        expect(
          Array.from(
            ordered.from(() => true),
            nameOf,
          ),
        ).toEqual(sorted);
        expect(Array.from(ordered.from(after), nameOf)).toEqual(sorted.filter(after));
        expect(ordered.rank(after)).toBe(sorted.filter((name) => !after(name)).length);
      }),
    );
  });
});

import * as fc from 'fast-check';
import { Timetable } from './timetable.js';

describe('a timetable', () => {
  it('gives who is due, the longest due first, and each once', () => {
    const timetable = new Timetable();
    timetable.set('c', 3);
    timetable.set('a', 1);
    timetable.set('b', 2);
    expect(timetable.nextAt).toBe(1);
    expect(timetable.takeDue(2, 9)).toEqual(['a', 'b']);
    expect(timetable.takeDue(2, 9)).toEqual([]);
    expect([timetable.nextAt, timetable.size]).toEqual([3, 1]);
  });

  it('gives no more at once than it is asked for', () => {
    const timetable = new Timetable();
    for (const name of ['a', 'b', 'c']) timetable.set(name, 1);
    expect([timetable.takeDue(1, 2).length, timetable.takeDue(1, 2).length]).toEqual([2, 1]);
  });

  it('knows of each name only the last time that was set, through any sequence of changes', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), name, at: fc.nat(50) }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({
        kind: fc.constant('take' as const),
        now: fc.nat(50),
        limit: fc.integer({ min: 1, max: 3 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const timetable = new Timetable();
        const model = new Map<string, number>();
        for (const each of steps) {
          if (each.kind === 'set') {
            timetable.set(each.name, each.at);
            model.set(each.name, each.at);
          } else if (each.kind === 'delete') {
            timetable.delete(each.name);
            model.delete(each.name);
          } else {
            const due = [...model].filter(([, at]) => at <= each.now);
            const taken = timetable.takeDue(each.now, each.limit);
            expect(taken).toHaveLength(Math.min(due.length, each.limit));
            const times = taken.map((one) => model.get(one)!);
            expect(times).toEqual(
              due
                .map(([, at]) => at)
                .sort((a, b) => a - b)
                .slice(0, each.limit),
            );
            for (const one of taken) model.delete(one);
          }
          expect(timetable.nextAt).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
      }),
    );
  });

  it('forgets outdated times of a name that is set again and again', () => {
    const timetable = new Timetable();
    for (let at = 0; at < 100_000; at++) timetable.set('a', 1_000_000 - at);
    expect(timetable.takeDue(2_000_000, 9)).toEqual(['a']);
    expect(timetable.nextAt).toBeUndefined();
  });
});

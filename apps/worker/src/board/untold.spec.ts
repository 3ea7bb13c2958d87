import * as fc from 'fast-check';
import { Untold } from './untold.js';

describe('what a follower has not been told', () => {
  it('is all there was when the board was complete, then synced, then what changed since', () => {
    const there = new Set(['a', 'b']);
    const untold = new Untold(there);
    const next = () => untold.next(1, (name) => there.has(name));
    expect(next()).toEqual({ changed: ['a'], gone: [], synced: false });
    untold.changed('c');
    there.add('c');
    untold.complete();
    untold.changed('a');
    expect(next()).toEqual({ changed: ['b'], gone: [], synced: false });
    expect(next()).toEqual({ changed: ['c'], gone: [], synced: true });
    expect(next()).toEqual({ changed: ['a'], gone: [], synced: false });
    expect(untold.isEmpty).toBe(true);
  });

  it('says synced also of a board that is empty, and once', () => {
    const untold = new Untold([]);
    expect(untold.isEmpty).toBe(true);
    untold.complete();
    expect(untold.next(1, () => true)).toEqual({ changed: [], gone: [], synced: true });
    untold.complete();
    expect(untold.isEmpty).toBe(true);
  });

  it('is nothing of a task that came and went while nobody read', () => {
    const untold = new Untold([]);
    untold.changed('a');
    untold.gone('a');
    expect(untold.isEmpty).toBe(true);
  });

  it('brings the follower to how the board stands, whatever happens and however slowly he reads', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), name }),
      fc.record({ do: fc.constant('remove' as const), name }),
      fc.record({ do: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ do: fc.constant('complete' as const) }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.array(step, { maxLength: 80, size: 'max' }), (first, steps) => {
        const board = new Map<string, number>(first.map((there, index) => [there, -index]));
        const seen = new Map<string, number>();
        const untold = new Untold(board.keys());
        let [version, syncs] = [0, 0];
        let atCompletion: Set<string> | undefined;
        const read = (limit: number): void => {
          const next = untold.next(limit, (found) => board.has(found));
          expect(next.changed.length + next.gone.length).toBeLessThanOrEqual(limit);
          for (const changed of next.changed) seen.set(changed, board.get(changed)!);
          // Nobody is told that what he never heard of is gone.
          for (const gone of next.gone) expect(seen.delete(gone)).toBe(true);
          if (!next.synced) return;
          syncs++;
          for (const there of atCompletion!) expect(seen.has(there)).toBe(true);
        };
        for (const event of [...steps, { do: 'complete' as const }]) {
          switch (event.do) {
            case 'set':
              board.set(event.name, ++version);
              untold.changed(event.name);
              break;
            case 'remove':
              if (!board.delete(event.name)) break;
              untold.gone(event.name);
              atCompletion?.delete(event.name);
              break;
            case 'complete':
              atCompletion ??= new Set(board.keys());
              untold.complete();
              break;
            case 'read':
              read(event.limit);
          }
        }
        for (let turns = 0; !untold.isEmpty; turns++) {
          expect(turns).toBeLessThan(20);
          read(2);
        }
        expect(seen).toEqual(board);
        expect(syncs).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

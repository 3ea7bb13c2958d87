import { decide } from './overlap.js';

describe('a firing that is due', () => {
  const task = (state: string, epoch = 7n) => ({ state, epoch });
  it.each([
    ['begins a run after one that is done', 'skip', task('done'), 'fire'],
    ['begins a run after one that failed', 'queue', task('failed'), 'fire'],
    ['is left out while a run is under way', 'skip', task('running'), 'skip'],
    ['is left out while a run waits for its turn', 'skip', task('pending'), 'skip'],
    ['waits for the run that is under way', 'queue', task('running'), 'wait'],
    ['asks again when the worker said nothing', 'skip', undefined, 'ask'],
    ['asks again when the worker speaks of an earlier assignment', 'skip', task('done', 6n), 'ask'],
    ['asks again when the worker says what is not understood', 'queue', task('dreaming'), 'ask'],
  ] as const)('%s', (_, overlap, known, decision) => {
    expect(decide(overlap, known, 7n)).toBe(decision);
  });
});

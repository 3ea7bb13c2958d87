import { jest } from '@jest/globals';
import { CatalogWaits } from './catalog-waits.js';

describe('who waits for a task of the catalog', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is woken once when there is one of its name, however many wait with it; who gave up is not', async () => {
    const names: string[] = [];
    let looks = 0;
    const waits = new CatalogWaits({ names: async () => (looks++, names) });
    const woken: string[] = [];
    for (let n = 0; n < 1_000; n++) waits.once(`task-${n}`, 'missing', () => woken.push(`task-${n}`));
    waits.once('left', 'missing', () => woken.push('left'))();
    await jest.advanceTimersByTimeAsync(3_000);
    expect([woken, looks]).toEqual([[], 1]);
    names.push('task-7', 'left', 'of-nobody');
    await jest.advanceTimersByTimeAsync(3_000);
    await jest.advanceTimersByTimeAsync(3_000);
    expect([woken, looks]).toEqual([['task-7'], 3]);
  });

  it('is woken to look again when the one that there is was wrong', async () => {
    const waits = new CatalogWaits({ names: async () => [] });
    let woken = 0;
    waits.once('a', 'wrong', () => woken++);
    waits.once('b', 'wrong', () => woken++)();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(woken).toBe(1);
  });

  it('leaves nothing behind that looks when nobody waits', async () => {
    const waits = new CatalogWaits({ names: async () => ['a'] });
    waits.once('a', 'missing', () => {});
    await jest.advanceTimersByTimeAsync(3_000);
    expect(jest.getTimerCount()).toBe(0);
  });
});

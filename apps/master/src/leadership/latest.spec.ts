import { Latest } from './latest.js';

describe('Latest', () => {
  it('gives a wanted value that is there already, and one that comes later', async () => {
    const latest = new Latest(1);
    const { signal } = new AbortController();
    await expect(latest.when((value) => value === 1, signal)).resolves.toBe(1);
    const later = latest.when((value) => value > 2, signal);
    latest.set(2);
    latest.set(3);
    await expect(later).resolves.toBe(3);
  });

  it('rejects with the reason of the signal, also when that fired before', async () => {
    const latest = new Latest(1);
    const given = new AbortController();
    const waiting = latest.when(() => false, given.signal);
    given.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    await expect(latest.when(() => true, given.signal)).rejects.toThrow('given up');
  });

  it('tells every change to those who watch, until they stop', () => {
    const latest = new Latest(1);
    const seen: number[] = [];
    const stop = latest.onChange((value) => seen.push(value));
    latest.set(2);
    latest.set(3);
    stop();
    latest.set(4);
    expect(seen).toEqual([2, 3]);
  });
});

import { ManualTimer } from '../../politeness/gates/manual-timer.js';
import { Bursts } from './bursts.js';

describe('what is said very often', () => {
  it('passes a few times, then is counted and told of once in a while, ever less often', async () => {
    const timer = new ManualTimer();
    const told: { at: number; last: number; count: number }[] = [];
    const bursts = new Bursts<number>(timer, (last, count) => told.push({ at: timer.now(), last, count }));
    let passed = 0;
    for (let said = 0; said < 100_000; said++) {
      if (bursts.admits('failed dead.test', 10, said)) passed++;
      if (said % 100 === 0) await timer.run(said);
    }
    expect(passed).toBe(10);
    expect(told.map(({ at }) => at)).toEqual([10_000, 30_000, 70_000]);
    bursts.flush();
    expect(told).toHaveLength(4);
    expect(told.reduce((sum, { count }) => sum + count, passed)).toBe(100_000);
    expect(told.at(-1)?.last).toBe(99_999);
  });

  it('passes again once it has been quiet for a while', async () => {
    const timer = new ManualTimer();
    const bursts = new Bursts<string>(timer, () => {});
    expect([bursts.admits('a', 1, 'x'), bursts.admits('a', 1, 'y'), bursts.admits('b', 1, 'z')]).toEqual([
      true,
      false,
      true,
    ]);
    await timer.run(29_000);
    expect(bursts.admits('a', 1, 'x')).toBe(false);
    await timer.run(120_000);
    expect(bursts.admits('a', 1, 'x')).toBe(true);
  });

  it('of more kinds than can be looked after passes, and nothing is lost of those that were held back', () => {
    let count = 0;
    const bursts = new Bursts<string>(new ManualTimer(), (_, held) => (count += held));
    for (let kind = 0; kind < 5_000; kind++) {
      for (let time = 0; time < 3; time++) if (bursts.admits(String(kind), 1, 'x')) count++;
    }
    bursts.flush();
    expect(count).toBe(15_000);
  });
});

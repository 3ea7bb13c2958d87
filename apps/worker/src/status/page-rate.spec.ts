import { PageRate } from './page-rate.js';

describe('the rate of pages', () => {
  it('is that of the last ten whole seconds', () => {
    let now = 0;
    const rate = new PageRate(() => now);
    const count = (pages: number, seconds: number) => {
      for (let second = 0; second < seconds; second++, now += 1_000) {
        for (let page = 0; page < pages; page++) rate.count();
      }
    };
    expect(rate.perSecond()).toBe(0);
    count(5, 20);
    expect(rate.perSecond()).toBe(5);
    now += 5_000;
    expect(rate.perSecond()).toBe(2.5);
    now += 60_000;
    expect(rate.perSecond()).toBe(0);
  });
});

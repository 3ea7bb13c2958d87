import { ProxyHealth } from './proxy-health.js';

describe('ProxyHealth', () => {
  let nowMs: number;
  let health: ProxyHealth;

  beforeEach(() => {
    nowMs = 1_000_000;
    health = new ProxyHealth(() => nowMs);
  });

  it('takes proxies in turn', () => {
    const firsts = Array.from({ length: 6 }, () => health.order(['a', 'b', 'c'])[0]);
    expect(firsts).toEqual(['b', 'c', 'a', 'b', 'c', 'a']);
    expect(health.order(['a', 'b', 'c'])).toHaveLength(3);
  });

  it('lets one that failed rest, longer each time, until it works', () => {
    const restMs = (): number => {
      const startMs = nowMs;
      while (health.order(['a', 'b']).length === 1) nowMs += 100;
      return nowMs - startMs;
    };
    const rests = Array.from({ length: 10 }, () => {
      health.failed('a');
      return restMs();
    });
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000));
    health.worked('a');
    health.failed('a');
    expect(restMs()).toBe(1_000);
  });

  it('takes the one that has rested enough soonest when all rest', () => {
    health.failed('a');
    health.failed('a');
    health.failed('b');
    expect(health.order(['a', 'b'])).toEqual(['b']);
    expect(health.order(['a', 'b'])).toEqual(['b']);
  });
});

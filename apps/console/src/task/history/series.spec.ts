import { seriesOf } from './series';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const point = (second: number, done: number, queued = 0) => ({
  at: new Date(T0 + second * 1_000).toISOString(),
  done: String(done),
  failed: '0',
  queued: String(queued),
});

describe('the series that is drawn', () => {
  it('has the rate of each step, failures included', () => {
    const points = [{ ...point(0, 20, 5), failed: '10' }];
    expect(seriesOf({ points, stepSeconds: 10 }, [], { fromAt: T0, maxCount: 10 })).toEqual([
      { at: T0, rate: 3, queued: 5 },
    ]);
  });

  it('falls to nothing between two steps that are further apart than one', () => {
    const points = [point(0, 10, 7), point(60, 10, 3)];
    const series = seriesOf({ points, stepSeconds: 10 }, [], { fromAt: T0, maxCount: 10 });
    expect(series.map(({ rate, queued }) => [rate, queued])).toEqual([
      [1, 7],
      [0, 7],
      [0, 7],
      [1, 3],
    ]);
  });

  it('goes on with what is seen live, from the last step of the history on', () => {
    const points = [point(0, 10)];
    const samples = [-5, 15].map((second) => ({ at: T0 + second * 1_000, rate: second, queued: 0 }));
    const series = seriesOf({ points, stepSeconds: 10 }, samples, { fromAt: T0, maxCount: 10 });
    expect(series.map(({ rate }) => rate)).toEqual([1, 15]);
  });

  it('leaves out what was before, and draws long times in few points of the same mean', () => {
    const points = Array.from({ length: 2_000 }, (_, index) => point(index, index % 2 === 0 ? 0 : 4));
    const series = seriesOf({ points, stepSeconds: 1 }, [], { fromAt: T0 + 1_000_000, maxCount: 100 });
    expect(series).toHaveLength(100);
    expect(new Set(series.map(({ rate }) => rate))).toEqual(new Set([2]));
  });
});

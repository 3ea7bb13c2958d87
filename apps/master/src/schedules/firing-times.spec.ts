import { FiringTimes } from './firing-times.js';

/** The firings that follow one another, as UTC. */
function firings(cron: string, timeZone: string, after: string, count: number): (string | undefined)[] {
  const times = new FiringTimes();
  const found: (string | undefined)[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count && at !== undefined) {
    at = times.nextAt({ cron, timeZone }, at);
    found.push(at === undefined ? undefined : new Date(at).toISOString());
  }
  return found;
}

describe('the firings of a schedule', () => {
  it('come at its local time', () => {
    expect(firings('0 3 * * *', 'America/New_York', '2026-06-01T00:00:00Z', 2)).toEqual([
      '2026-06-01T07:00:00.000Z',
      '2026-06-02T07:00:00.000Z',
    ]);
  });

  it('come at the leap of the clock when spring leaps over their time', () => {
    expect(firings('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once when autumn has their time twice', () => {
    expect(firings('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('go on through the hour that comes twice when they come every half hour', () => {
    expect(firings('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  it('may be every second, and have a name', () => {
    expect(firings('* * * * * *', 'UTC', '2026-01-01T00:00:00.500Z', 2)).toEqual([
      '2026-01-01T00:00:01.000Z',
      '2026-01-01T00:00:02.000Z',
    ]);
    expect(firings('@daily', 'UTC', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-02T00:00:00.000Z']);
  });

  it.each([
    ['a day that no year has', '0 0 31 2 *', 'UTC'],
    ['a pattern that says nothing', 'often', 'UTC'],
    ['a time zone that nobody knows', '0 0 * * *', 'No/Where'],
  ])('never come for %s', (_, cron, timeZone) => {
    expect(firings(cron, timeZone, '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
  });

  it('are the same in whichever order they are asked for', () => {
    const times = new FiringTimes();
    const daily = { cron: '0 3 * * *', timeZone: 'UTC' };
    const at = (text: string) => Date.parse(`2026-01-${text}Z`);
    expect(times.nextAt(daily, at('01T04:00:00'))).toBe(at('02T03:00:00'));
    expect(times.nextAt(daily, at('01T02:00:00'))).toBe(at('01T03:00:00'));
    expect(times.nextAt(daily, at('02T02:59:59'))).toBe(at('02T03:00:00'));
    expect(times.nextAt(daily, at('02T03:00:00'))).toBe(at('03T03:00:00'));
  });
});

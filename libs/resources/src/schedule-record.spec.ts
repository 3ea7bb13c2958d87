import { decodeSchedule, encodeSchedule } from './schedule-record.js';

describe('a schedule', () => {
  it('is read as it is written', () => {
    const schedule = {
      resourceId: '16',
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      overlap: 'queue',
      settledAt: 1_700_000_000_000,
    } as const;
    expect(decodeSchedule(encodeSchedule(schedule))).toEqual(schedule);
  });

  it.each([
    '',
    'null',
    '{}',
    '{"id":"1","cron":"* * * * *","timeZone":"UTC","overlap":"wait","settledAt":1}',
  ])('is not read from %j', (text) => {
    expect(decodeSchedule(text)).toBeUndefined();
  });
});

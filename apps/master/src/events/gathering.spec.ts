import { until } from '../../../../test/support/until.js';
import { Gathering } from './gathering.js';

describe('happenings of a moment', () => {
  it('are told together, and with what is to be said of it where they are of one resource', async () => {
    const told: { kind: string; message: string; subject: string; count?: number }[] = [];
    const wording = { one: 'failed', many: 'failed' };
    const gathering = new Gathering(
      { add: (event) => told.push(event) },
      { one: wording, same: wording, many: wording },
    );
    gathering.add('one', 'books', ': HTTP 404');
    gathering.add('same', 'books', ': HTTP 404');
    gathering.add('same', 'books', ': HTTP 500');
    for (const name of ['books', 'films', 'films']) gathering.add('many', name, ': HTTP 404');
    expect(told).toEqual([]);
    await until(() => told.length === 3, { what: 'all are told' });
    expect(told).toEqual([
      { kind: 'one', message: 'books failed: HTTP 404.', subject: 'books', count: 1 },
      { kind: 'same', message: 'books failed: HTTP 500.', subject: 'books', count: 2 },
      { kind: 'many', message: '3 resources failed.', subject: '', count: 3 },
    ]);
  });
});

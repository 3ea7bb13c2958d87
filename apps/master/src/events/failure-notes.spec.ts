import { FailureNotes } from './failure-notes.js';

describe('runs that failed', () => {
  let told: string[];
  let notes: FailureNotes;

  beforeEach(() => {
    const add = (kind: string, name: string, detail?: string) => told.push(`${kind}: ${name}${detail}`);
    notes = new FailureNotes({ add }, 3);
  });

  /** What is told of them. */
  function after(...ends: [name: string, state: string, reason?: string][]): string[] {
    told = [];
    for (const [name, state, reason = ''] of ends) notes.ended({ name, state, reason });
    return told;
  }

  it('are told with their reason, and not those that went well', () => {
    expect(after(['books', 'failed', 'HTTP 404'], ['films', 'failed'], ['music', 'done'])).toEqual([
      'run failed: books: HTTP 404',
      'run failed: films',
    ]);
    expect(after(['long', 'failed', 'x'.repeat(5_000)])[0]?.length).toBeLessThan(400);
  });

  it('again and again are told at the second, the fourth, the eighth time in a row', () => {
    const books: [string, string, string] = ['books', 'failed', 'HTTP 404'];
    expect(after(...Array.from({ length: 9 }, () => books))).toEqual([
      'run failed: books: HTTP 404',
      'run failed: books, 2 times in a row: HTTP 404',
      'run failed: books, 4 times in a row: HTTP 404',
      'run failed: books, 8 times in a row: HTTP 404',
    ]);
    // Another reason is news, and so is a failure after a run that went well.
    expect(
      after(['books', 'failed', 'HTTP 500'], ['books', 'done'], ['books', 'failed', 'HTTP 500']),
    ).toEqual(['run failed: books, 10 times in a row: HTTP 500', 'run failed: books: HTTP 500']);
  });

  it('are counted of so many tasks at most', () => {
    after(['a', 'failed'], ['b', 'failed'], ['c', 'failed'], ['d', 'failed']);
    expect(after(['d', 'failed'], ['a', 'failed'])).toEqual([
      'run failed: d, 2 times in a row',
      'run failed: a',
    ]);
  });
});

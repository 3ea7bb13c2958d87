/**
 * Own commits whose events have not come yet. A commit is confirmed by its answer, and the watch runs behind:
 * until the event of the commit itself arrives, events of that resource tell of a past that is known better.
 */
export class Echoes {
  readonly #expected = { resource: new Map<string, bigint>(), assignment: new Map<string, bigint>() };

  expect(kind: 'resource' | 'assignment', name: string, revision: bigint): void {
    this.#expected[kind].set(name, revision);
  }

  /** Whether an event is of that past, or is the commit's own. */
  isPast(kind: 'resource' | 'assignment', name: string, revision: bigint): boolean {
    const expected = this.#expected[kind].get(name);
    if (expected === undefined) return false;
    // A second event of the same commit (a move has two of assignments) changes nothing when it is applied.
    if (revision >= expected) this.#expected[kind].delete(name);
    return revision <= expected;
  }
}

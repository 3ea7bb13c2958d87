type Kind = 'resource' | 'assignment';

/**
 * Own commits whose events have not come yet. A commit is confirmed by its answer, and the watch runs behind:
 * until the event of the commit itself arrives, events of the same key tell of a past that is known better.
 * Events of one kind have to come in the order of their revisions.
 */
export class Echoes {
  readonly #expected = { resource: new Map<string, bigint>(), assignment: new Map<string, bigint>() };

  expect(kind: Kind, key: string, revision: bigint): void {
    // To the end: so the map stays in the order of revisions, or nearly.
    this.#expected[kind].delete(key);
    this.#expected[kind].set(key, revision);
  }

  /** Whether an event is of that past, or is the commit's own. */
  isPast(kind: Kind, key: string, revision: bigint): boolean {
    const expected = this.#expected[kind];
    if (expected.size === 0) return false;
    // Who deletes what is not there waits for an event in vain.
    for (const [other, past] of expected) {
      if (past >= revision) break;
      expected.delete(other);
    }
    const own = expected.get(key);
    if (own === undefined || own < revision) return false;
    if (own === revision) expected.delete(key);
    return true;
  }
}

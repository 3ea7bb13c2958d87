/**
 * Own commits whose events have not come yet, of one kind of keys. A commit is confirmed by its answer, and
 * the watch runs behind: until the event of the commit itself arrives, events of the same key tell of a past
 * that is known better. Events have to come in the order of their revisions.
 */
export class Echoes {
  readonly #expected = new Map<string, bigint>();
  #latest = 0n;
  #sweepAt = SWEEP_FROM;

  expect(key: string, revision: bigint): void {
    this.#expected.set(key, revision);
    if (this.#expected.size >= this.#sweepAt) this.#sweep();
  }

  /** Whether an event is of that past, or is the commit's own. */
  isPast(key: string, revision: bigint): boolean {
    this.#latest = revision;
    if (this.#expected.size === 0) return false;
    const own = this.#expected.get(key);
    if (own === undefined) return false;
    if (own <= revision) this.#expected.delete(key);
    return own >= revision;
  }

  /** Who deletes what is not there waits for an event in vain. */
  #sweep(): void {
    for (const [key, revision] of this.#expected) if (revision < this.#latest) this.#expected.delete(key);
    this.#sweepAt = Math.max(SWEEP_FROM, 2 * this.#expected.size);
  }
}

const SWEEP_FROM = 1024;

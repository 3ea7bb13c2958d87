/** What of a board somebody is to be told next. */
export interface Next {
  changed: string[];
  gone: string[];
  /** With this, all that the board showed when it was complete has been told once. */
  synced: boolean;
}

/**
 * What one follower of a board has not been told yet: names, not what there is to tell of them, so that one who
 * takes his time is told only how things stand then. Never more than the tasks that are there and those that he
 * knows.
 */
export class Untold {
  /** Of the beginning; told before all others. */
  #first: Set<string>;
  readonly #since = new Set<string>();
  readonly #known = new Set<string>();
  #phase: 'incomplete' | 'complete' | 'synced' = 'incomplete';

  constructor(names: Iterable<string>) {
    this.#first = new Set(names);
  }

  get isEmpty(): boolean {
    return this.#first.size === 0 && this.#since.size === 0 && this.#phase !== 'complete';
  }

  changed(name: string): void {
    if (!this.#first.has(name)) this.#since.add(name);
  }

  gone(name: string): void {
    if (this.#known.has(name)) this.changed(name);
    else {
      this.#first.delete(name);
      this.#since.delete(name);
    }
  }

  /** The board shows all there is: what is told of it now counts for `synced`. */
  complete(): void {
    if (this.#phase !== 'incomplete') return;
    this.#phase = 'complete';
    for (const name of this.#since) this.#first.add(name);
    this.#since.clear();
  }

  next(limit: number, isThere: (name: string) => boolean): Next {
    const next: Next = { changed: [], gone: [], synced: false };
    for (const names of [this.#first, this.#since]) {
      for (const name of names) {
        if (next.changed.length + next.gone.length >= limit) break;
        names.delete(name);
        if (isThere(name)) {
          this.#known.add(name);
          next.changed.push(name);
        } else if (this.#known.delete(name)) next.gone.push(name);
      }
    }
    if (this.#phase === 'complete' && this.#first.size === 0) {
      this.#phase = 'synced';
      next.synced = true;
    }
    return next;
  }
}

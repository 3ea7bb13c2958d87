import { Bell } from '../board/bell.js';

/** Wakes those who wait for the next line of a log, when this process has written it. */
export class LogBells {
  readonly #bells = new Map<string, Set<Bell>>();

  ring(name: string): void {
    for (const bell of this.#bells.get(name) ?? []) bell.ring();
  }

  /** Of that log, until `leave`. */
  hang(name: string): { bell: Bell; leave: () => void } {
    const bells = this.#bells.get(name) ?? new Set();
    const bell = new Bell();
    this.#bells.set(name, bells.add(bell));
    const leave = (): void => {
      bells.delete(bell);
      if (bells.size === 0 && this.#bells.get(name) === bells) this.#bells.delete(name);
    };
    return { bell, leave };
  }
}

import { isOrbweaverError } from '@app/errors';
import type { StoreLine } from './store-line.js';

export interface UnderwayParts {
  line: StoreLine;
  /** Whether the right to send lasts. */
  maySend: () => boolean;
  /** It does not, by the clock. */
  stopped: () => void;
  broken: (error: unknown) => void;
}

/** What a run is doing at this moment, all of which comes to an end before the run does. */
export class Underway {
  readonly #works = new Set<Promise<void>>();
  #isOver = false;

  constructor(private readonly parts: UnderwayParts) {}

  /** Nothing is begun any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  track(work: Promise<void>): void {
    const tracked = work.catch(this.parts.broken).finally(() => this.#works.delete(tracked));
    this.#works.add(tracked);
  }

  /** Undefined when the store does not answer, or the right to send is over: then it is tried again, or was all. */
  async ask<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.parts.line.ask(call);
    } catch (error) {
      if (this.#isOver) return undefined;
      if (!isOrbweaverError(error, 'CANCELLED')) throw error;
      if (!this.parts.maySend()) this.parts.stopped();
      return undefined;
    }
  }

  /** Resolves when nothing runs any more. */
  async quiesced(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}

import { isOrbweaverError } from '@app/errors';
import type { worker as proto } from '@app/proto';

/** How the store does, as far as this worker's own calls tell. */
export class StoreCondition {
  readonly #commitsMs: number[] = [];
  #next = 0;
  #reason = '';

  constructor(private readonly kind: 'sqlite' | 'postgres') {}

  called(error?: unknown): void {
    // Other errors are answers.
    this.#reason = isOrbweaverError(error, 'STORE_UNAVAILABLE') ? error.message : '';
  }

  committed(tookMs: number): void {
    this.#commitsMs[this.#next] = tookMs;
    this.#next = (this.#next + 1) % COMMITS;
  }

  health(): proto.StoreHealth {
    const sorted = [...this.#commitsMs].sort((a, b) => a - b);
    return {
      kind: this.kind,
      ok: this.#reason === '',
      reason: this.#reason,
      commitMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    };
  }
}

/** The last so many are the present. */
const COMMITS = 101;

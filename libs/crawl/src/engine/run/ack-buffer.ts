import { isOrbweaverError } from '@app/errors';
import type { Timer } from '../../politeness/timer.js';
import type { AckAnswer, AckBatch, PageResult } from '../../store/frontier.js';

export interface AckBufferParts {
  ack: (batch: AckBatch) => Promise<AckAnswer>;
  /** What goes with the batch; may change the results. */
  prepare: (results: PageResult[]) => AckBatch;
  acked: (results: readonly PageResult[], answer: AckAnswer, tookMs: number) => void;
  /** The store does not take it and never will: nothing is written any more. */
  failed: (error: unknown) => void;
  /** The store does not answer; the batch is tried again. */
  troubled: (error: unknown) => void;
  timer: Timer;
}

/**
 * Gathers the results of a run into few transactions: one for some hundred pages or some tens of milliseconds,
 * whichever comes first, one at a time. While the store does not answer the batch is kept and tried again.
 */
export class AckBuffer {
  #results: PageResult[] = [];
  #writing: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #failures = 0;
  /** Nothing is written by itself any more. */
  #isClosing = false;

  constructor(private readonly parts: AckBufferParts) {}

  /** Nothing more should be begun whose result would have to be kept. */
  get isFull(): boolean {
    return this.#results.length >= MAX_WAITING;
  }

  /** All that was added is durable. */
  get isEmpty(): boolean {
    return this.#results.length === 0 && this.#writing === undefined;
  }

  get isInTrouble(): boolean {
    return this.#failures > 0;
  }

  add(result: PageResult): void {
    this.#results.push(result);
    if (this.#failures > 0) return;
    if (this.#results.length >= MAX_BATCH) this.#write();
    else this.#cancelTimer ??= this.parts.timer.after(MAX_WAIT_MS, () => this.#write());
  }

  /**
   * Writes what is left, and what goes with it, at once and without a further attempt: rejects when the store
   * does not take it. Nothing is added any more.
   */
  async flush(): Promise<void> {
    this.#isClosing = true;
    this.#cancelTimer?.();
    await this.#writing;
    do {
      const error = await this.#writeBatch();
      if (error !== undefined) throw error;
    } while (this.#results.length > 0);
  }

  #write(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#writing !== undefined || this.#isClosing) return;
    this.#writing = this.#writeBatch().then(() => this.#wrote());
  }

  #wrote(): void {
    this.#writing = undefined;
    if (this.#isClosing || this.#results.length === 0) return;
    if (this.#failures > 0) this.#again();
    else if (this.#results.length >= MAX_BATCH) this.#write();
    else this.#cancelTimer ??= this.parts.timer.after(MAX_WAIT_MS, () => this.#write());
  }

  #again(): void {
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
    this.#cancelTimer ??= this.parts.timer.after(ms, () => this.#write());
  }

  /** Gives the error that it has met. */
  async #writeBatch(): Promise<Error | undefined> {
    const { ack, prepare, acked, failed, troubled, timer } = this.parts;
    const results = this.#results.slice(0, MAX_BATCH);
    const from = timer.now();
    try {
      const answer = await ack(prepare(results));
      this.#failures = 0;
      this.#results.splice(0, results.length);
      acked(results, answer, timer.now() - from);
      return undefined;
    } catch (error) {
      if (isOrbweaverError(error) && error.retry === 'later') {
        this.#failures++;
        troubled(error);
      } else {
        this.#isClosing = true;
        failed(error);
      }
      return error as Error;
    }
  }
}

const MAX_BATCH = 200;
const MAX_WAIT_MS = 50;
/** Their bodies are gone by then; what they discovered and gave is what counts. */
const MAX_WAITING = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

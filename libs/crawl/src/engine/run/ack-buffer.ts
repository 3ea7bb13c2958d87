import { isOrbweaverError } from '@app/errors';
import type { Timer } from '../../politeness/timer.js';
import type { AckAnswer, AckBatch, PageResult } from '../../store/frontier.js';
import type { LogLine } from '../../store/task-logs.js';

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
 * whichever comes first, one at a time, with the log's lines of those pages. While the store does not answer the
 * batch is kept and tried again.
 */
export class AckBuffer {
  #results: PageResult[] = [];
  /** When each of them was added. */
  #addedAt: number[] = [];
  /** Each to be written at the latest with the result of that number. */
  #lines: { line: LogLine; with: number }[] = [];
  /** How many results were written. */
  #writtenCount = 0;
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

  /** How long the oldest result has been waiting. */
  get waitedMs(): number {
    const [oldestAt] = this.#addedAt;
    return oldestAt === undefined ? 0 : this.parts.timer.now() - oldestAt;
  }

  /** The lines become durable with the result. */
  add(result: PageResult, lines: readonly LogLine[]): void {
    this.#results.push(result);
    this.#addedAt.push(this.parts.timer.now());
    const number = this.#writtenCount + this.#results.length;
    for (const line of lines) this.#lines.push({ line, with: number });
    this.#writeSoon();
  }

  /** False: there is no room for it. */
  say(line: LogLine): boolean {
    if (this.#lines.length >= MAX_LINES_WAITING) return false;
    this.#lines.push({ line, with: this.#writtenCount + this.#results.length });
    this.#writeSoon();
    return true;
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
    } while (this.#results.length > 0 || this.#lines.length > 0);
  }

  /** Nothing more is written. Gives the lines that were not. */
  async close(): Promise<LogLine[]> {
    this.#isClosing = true;
    this.#cancelTimer?.();
    await this.#writing;
    return this.#lines.map(({ line }) => line);
  }

  #writeSoon(): void {
    if (this.#failures > 0 || this.#isClosing) return;
    if (this.#results.length >= MAX_BATCH) this.#write();
    else this.#cancelTimer ??= this.parts.timer.after(MAX_WAIT_MS, () => this.#write());
  }

  #write(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#writing !== undefined || this.#isClosing) return;
    this.#writing = this.#writeBatch().then(() => this.#wrote());
  }

  #wrote(): void {
    this.#writing = undefined;
    if (this.#isClosing || this.#results.length + this.#lines.length === 0) return;
    if (this.#failures > 0) this.#again();
    else this.#writeSoon();
  }

  #again(): void {
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
    this.#cancelTimer ??= this.parts.timer.after(ms, () => this.#write());
  }

  /** Gives the error that it has met. */
  async #writeBatch(): Promise<Error | undefined> {
    const { ack, prepare, acked, failed, troubled, timer } = this.parts;
    const results = this.#results.slice(0, MAX_BATCH);
    const lines = this.#linesWith(results.length);
    const from = timer.now();
    try {
      const batch = prepare(results);
      const answer = await ack(lines.length === 0 ? batch : { ...batch, lines });
      this.#failures = 0;
      this.#writtenCount += results.length;
      this.#results.splice(0, results.length);
      this.#addedAt.splice(0, results.length);
      this.#lines.splice(0, lines.length);
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

  /** Those that belong to the first so many results. */
  #linesWith(resultCount: number): LogLine[] {
    const lines: LogLine[] = [];
    for (const { line, with: number } of this.#lines) {
      if (number > this.#writtenCount + resultCount || lines.length === MAX_LINES) break;
      lines.push(line);
    }
    return lines;
  }
}

const MAX_BATCH = 200;
const MAX_WAIT_MS = 50;
/** Their bodies are gone by then; what they discovered and gave is what counts. */
const MAX_WAITING = 1_000;
/** In one batch. */
const MAX_LINES = 1_000;
const MAX_LINES_WAITING = 2_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

import type { OutputStream } from '../streams.js';
import { type Colours, coloursFor } from './colours.js';
import { fitted } from './fitted.js';

const LOG_EVERY_MS = 1_000;
const DRAW_EVERY_MS = 50;

/**
 * Text above, and one line of progress at the foot that is drawn again and again. Where nobody watches (a pipe, a
 * log file) the progress becomes a line of its own, at most one a second.
 */
export class Terminal {
  readonly colours: Colours;
  private foot = '';
  private loggedAt = -Infinity;
  private drawnAt = -Infinity;

  constructor(
    private readonly stream: OutputStream = process.stdout,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.colours = coloursFor(stream);
  }

  readonly print = (text: string): void => {
    this.stream.write(`${this.erased()}${text}\n${this.foot}`);
  };

  progress(text: string): void {
    if (this.stream.isTTY === true) {
      const erased = this.erased();
      // A line that wraps could not be erased again.
      this.foot = fitted(text, (this.stream.columns || 80) - 1);
      this.stream.write(erased + this.foot);
      return;
    }
    const now = this.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    this.stream.write(`${text}\n`);
  }

  /** How much is done of what there is, for whoever watches: elsewhere nothing is written. */
  progressBar(label: string, done: number, total: number, note: string): void {
    const now = this.now();
    if (this.stream.isTTY !== true || now - this.drawnAt < DRAW_EVERY_MS) return;
    this.drawnAt = now;
    this.progress(
      [label, total > 0 ? this.bar(done, total) : '', note].filter((part) => part !== '').join('  '),
    );
  }

  /** Ends the progress: its line gives way to this one. */
  settle(text: string): void {
    const erased = this.erased();
    this.foot = '';
    this.clear();
    this.stream.write(`${erased}${text}\n`);
  }

  /** Ends the progress. */
  clear(): void {
    if (this.foot !== '') this.stream.write(this.erased());
    this.foot = '';
    this.loggedAt = this.drawnAt = -Infinity;
  }

  bar(done: number, total: number): string {
    const width = 24;
    const filled = total === 0 ? 0 : Math.min(width, Math.floor((done / total) * width));
    return this.stream.isTTY === true
      ? this.colours.green('█'.repeat(filled)) + this.colours.dim('░'.repeat(width - filled))
      : '';
  }

  private erased(): string {
    return this.foot === '' ? '' : '\r\u001B[2K';
  }
}

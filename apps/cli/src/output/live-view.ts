import type { OutputStream, Streams } from '../streams.js';
import { fitted } from './fitted.js';

/** A screen of its own, without a cursor, where a line that is too long does not go on in the next one. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const TOP_LEFT = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const EVERY_MS = 1_000;

export interface Area {
  readonly columns: number;
  readonly rows: number;
}

export interface LiveView {
  /** As it is now; undefined as long as nothing is known. */
  readonly picture: (area: Area) => string | undefined;
  /** What stands in the last line. */
  readonly foot: () => string;
  /** Calls back at each change, until the signal fires. */
  readonly run: (changed: () => void, signal: AbortSignal) => Promise<void>;
}

/**
 * Draws what changes, as it changes, on a screen of its own until q or Ctrl-C, then leaves the terminal as it was.
 * Each second it is drawn in any case: ages go on.
 */
export async function liveView({ stdin, stdout }: Omit<Streams, 'stderr'>, view: LiveView): Promise<void> {
  const ended = new AbortController();
  const screen = new Screen(stdout);
  const draw = (): void => {
    const area = { columns: stdout.columns ?? 80, rows: (stdout.rows ?? 24) - 2 };
    const picture = view.picture(area);
    if (picture !== undefined) screen.show(framed(picture, view.foot(), area));
  };
  const release = untilEnded(stdin, () => ended.abort());
  const timer = setInterval(draw, EVERY_MS);
  stdout.on?.('resize', draw);
  try {
    await view.run(draw, ended.signal);
  } finally {
    stdout.off?.('resize', draw);
    clearInterval(timer);
    release();
    screen.leave();
  }
}

/** Is entered with the first picture. While the terminal is behind, only the newest is kept for it. */
class Screen {
  private shown: string | undefined;
  private isBehind = false;
  private next: string | undefined;

  constructor(private readonly stdout: OutputStream) {}

  show(picture: string): void {
    if (picture === this.shown) return;
    if (this.isBehind) {
      this.next = picture;
      return;
    }
    const text = (this.shown === undefined ? ENTER : '') + picture;
    this.shown = picture;
    this.isBehind = this.stdout.write(text) === false && this.stdout.once !== undefined;
    if (this.isBehind) this.stdout.once?.('drain', () => this.caughtUp());
  }

  leave(): void {
    this.next = undefined;
    if (this.shown !== undefined) this.stdout.write(LEAVE);
  }

  private caughtUp(): void {
    this.isBehind = false;
    const { next } = this;
    this.next = undefined;
    if (next !== undefined) this.show(next);
  }
}

/** One text that overwrites whatever stands there, so that nothing flickers. */
function framed(picture: string, foot: string, { columns, rows }: Area): string {
  const lines = picture.trimEnd().split('\n').slice(0, Math.max(1, rows));
  while (lines.length <= rows) lines.push('');
  return TOP_LEFT + [...lines, foot].map((line) => fitted(line, columns) + CLEAR_LINE).join('\r\n');
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As a terminal sends Ctrl-C and Ctrl-D where it leaves them to us. */
const ENDING_KEYS = ['q', '\u0003', '\u0004'];

/** What is typed is not shown, and does not reach the shell afterwards. */
function untilEnded(stdin: Streams['stdin'], end: () => void): () => void {
  const typed = (keys: Buffer | string): void => {
    if (ENDING_KEYS.some((key) => String(keys).includes(key))) end();
  };
  for (const signal of SIGNALS) process.once(signal, end);
  const isKeyboard = stdin.isTTY === true;
  if (isKeyboard) {
    stdin.setRawMode?.(true);
    stdin.on('data', typed);
  }
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, end);
    if (!isKeyboard) return;
    stdin.off('data', typed);
    stdin.pause();
    stdin.setRawMode?.(false);
  };
}

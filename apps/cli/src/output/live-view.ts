import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, Failure } from '../failure.js';
import type { OutputStream } from '../streams.js';

const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';
const TOP_LEFT = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

export interface Area {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Draws again and again on a screen of its own until Ctrl-C, then leaves the terminal as it was. While no master
 * answers the last picture stays, with the reason below it. Where nobody watches (a pipe, a file) it draws once.
 */
export async function liveView(
  stdout: OutputStream,
  everyMs: number,
  draw: (area: Area) => Promise<string>,
): Promise<void> {
  if (stdout.isTTY !== true) {
    stdout.write(await draw({ columns: 120, rows: 100 }));
    return;
  }
  const ended = new AbortController();
  const end = (): void => ended.abort();
  for (const signal of SIGNALS) process.once(signal, end);
  stdout.write(ENTER);
  try {
    let picture = '';
    while (!ended.signal.aborted) {
      const area = { columns: stdout.columns ?? 80, rows: (stdout.rows ?? 24) - 1 };
      let remark = `Every ${everyMs / 1000} s. Ctrl-C ends.`;
      try {
        picture = await draw(area);
      } catch (error) {
        if (!(error instanceof Failure) || error.exitCode !== EXIT.unavailable) throw error;
        remark = error.message.split('\n')[0] ?? '';
      }
      stdout.write(painted(picture, remark, area));
      await delay(everyMs, undefined, { signal: ended.signal }).catch(() => {});
    }
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, end);
    stdout.write(LEAVE);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function painted(picture: string, remark: string, { columns, rows }: Area): string {
  const lines = picture
    .trimEnd()
    .split('\n')
    .slice(0, rows - 2);
  const shown = [...lines, '', remark.slice(0, columns - 1)];
  return TOP_LEFT + shown.map((line) => `${line}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW;
}

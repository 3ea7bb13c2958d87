import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { settled, until } from './until.js';

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  /** Standard output and standard error, line by line, as they came. */
  readonly lines: readonly string[];
  readonly exited: Promise<ProcessExit>;
  exit(): ProcessExit | undefined;
  /** The first line, past or to come, that fits. Fails at once when the process ends without it. */
  waitForLine(fits: RegExp | ((line: string) => boolean), options?: { timeoutMs?: number }): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM (after SIGCONT), SIGKILL when it does not end within `timeoutMs`; resolves when it has ended. */
  stop(timeoutMs?: number): Promise<ProcessExit>;
  kill(): Promise<ProcessExit>;
}

const alive = new Set<ChildProcess>();

// A test that fails before its clean-up must not leave processes behind.
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts a program of its own process; rejects when it cannot be started at all. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  let ended: ProcessExit | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    // 'close' comes after the last output was read, 'exit' may come before it.
    child.once('close', (code, signal) => {
      alive.delete(child);
      ended = { code, signal };
      resolve(ended);
    });
  });
  await once(child, 'spawn');

  const send = (signal: NodeJS.Signals): void => {
    if (ended === undefined) child.kill(signal);
  };
  const kill = (): Promise<ProcessExit> => {
    send('SIGKILL');
    return settled(exited, { what: `the end of ${command}` });
  };
  return {
    pid: child.pid as number,
    lines,
    exited,
    exit: () => ended,
    signal: send,
    kill,
    async waitForLine(fits, { timeoutMs = 60_000 } = {}) {
      const matches = typeof fits === 'function' ? fits : (line: string) => fits.test(line);
      let seen = 0;
      const found = await until(
        () => {
          const over = ended !== undefined;
          for (; seen < lines.length; seen++) {
            if (matches(lines[seen] as string)) return { line: lines[seen] as string };
          }
          return over ? { line: undefined } : undefined;
        },
        { what: `${command} prints a line that fits ${String(fits)}`, timeoutMs },
      );
      if (found.line !== undefined) return found.line;
      throw new Error(`${command} ended (${JSON.stringify(ended)}) before that line:\n${lines.join('\n')}`);
    },
    async stop(timeoutMs = 20_000) {
      send('SIGCONT');
      send('SIGTERM');
      return settled(exited, { what: `${command} to end`, timeoutMs }).catch(kill);
    },
  };
}

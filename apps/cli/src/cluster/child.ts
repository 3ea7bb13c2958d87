import { type ChildProcess, spawn } from 'node:child_process';
import { type WriteStream, createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const LIFELINE = new URL('./lifeline.js', import.meta.url).href;
const KEPT_LINES = 20;

export interface ChildSpec {
  readonly name: string;
  /** A file that Node runs. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
  /** How much longer than the others it goes on when the parent is gone: they still sign off with it. */
  readonly lingerMs?: number;
}

/** How a child ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was asked to, by `stop` or `kill`. */
  readonly asked: boolean;
}

/**
 * A process of a local cluster. It stands in a process group of its own, so that a Ctrl-C in the terminal reaches
 * its parent alone, which stops the children in order. It holds on to a lifeline: when the parent is gone, even by
 * `kill -9`, it stops. All it prints goes to its log file.
 */
export class Child {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when it has ended and all that it printed is in its log file. */
  readonly ended: Promise<Ended>;
  /** The last lines it printed, to be shown when it dies. */
  readonly lastLines: string[] = [];

  private asked = false;
  private running = true;

  static spawn(spec: ChildSpec): Child {
    const lifeline = `${LIFELINE}?linger=${spec.lingerMs ?? 0}`;
    mkdirSync(dirname(spec.logFile), { recursive: true });
    const process_ = spawn(process.execPath, ['--import', lifeline, spec.program, ...spec.argv], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...spec.env },
    });
    return new Child(spec, process_);
  }

  private constructor(
    spec: ChildSpec,
    private readonly process: ChildProcess,
  ) {
    this.name = spec.name;
    this.logFile = spec.logFile;
    const log = createWriteStream(spec.logFile, { flags: 'a' });
    const printed = [process.stdout, process.stderr].map((stream) => this.read(stream, log, spec.onLine));
    // A lifeline that breaks tells nothing that the end of the process does not tell.
    process.stdin?.on('error', () => undefined);
    this.ended = this.watch(printed, log);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get alive(): boolean {
    return this.running;
  }

  /** Asks it to end and waits; what has not ended in time is killed. */
  async stop(withinMs: number): Promise<void> {
    if (!this.running) return;
    this.asked = true;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), withinMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.asked = true;
    if (this.running) signalGroup(this.process.pid, 'SIGKILL');
  }

  private async watch(printed: readonly Promise<void>[], log: WriteStream): Promise<Ended> {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.process.once('exit', (code, signal) => resolve([code, signal]));
      this.process.on('error', (error) => {
        this.lastLines.push(error.message);
        if (this.process.pid === undefined) resolve([null, null]);
      });
    });
    this.running = false;
    // What it may have left behind in its group goes with it.
    signalGroup(this.process.pid, 'SIGKILL');
    await Promise.all(printed);
    log.end();
    return { code, signal, asked: this.asked };
  }

  private async read(
    stream: NodeJS.ReadableStream | null,
    log: WriteStream,
    onLine: ((line: string) => void) | undefined,
  ): Promise<void> {
    if (stream === null) return;
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      log.write(`${line}\n`);
      this.lastLines.push(line);
      if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
      onLine?.(line);
    }
  }
}

/** The whole group of a child that leads one; a group that is gone already is what was wanted. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // macOS says EPERM of a group that holds nothing but processes that have ended.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

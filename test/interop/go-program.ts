import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { etcdOnPath } from '../support/etcd.js';
import { describeSkipped } from '../support/skip.js';
import { startProcess, type RunningProcess } from '../support/process.js';

/** The Go program of `test/interop/go`: what the original's processes and clients do, one command for each. */
export interface GoProgram {
  /** Runs a command to its end and gives the objects that it printed. */
  run<T = Record<string, unknown>>(command: string, flags: Flags): Promise<T[]>;
  /** Starts a command that goes on until SIGTERM. */
  start(command: string, flags: Flags): Promise<GoProcess>;
  remove(): Promise<void>;
}

export type Flags = Record<string, string | number>;

export interface GoProcess {
  /** The first object printed, past or to come, that has this event and fits. */
  event<T = Record<string, unknown>>(name: string, fits?: (printed: T) => boolean): Promise<T>;
  /** The objects printed so far that have this event. */
  events<T = Record<string, unknown>>(name: string): T[];
  process: RunningProcess;
}

const run = promisify(execFile);
const source = fileURLToPath(new URL('./go', import.meta.url));

/** A newer Go or a module is not fetched behind our back; what go.sum says is what is built. */
const goEnvironment = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' };

/** The first build compiles etcd's client and gRPC: about a minute on two cores. Later ones take seconds. */
const BUILD_TIMEOUT_MS = 900_000;

/**
 * Builds the program into a directory of its own, or says why this machine cannot: no Go, an old one, or
 * modules that cannot be had. A program that does not compile is an error.
 */
export async function buildGoProgram(): Promise<GoProgram | { missing: string }> {
  if (!etcdOnPath) return { missing: 'no etcd and etcdctl on the PATH' };
  try {
    await run('go', ['version'], { env: goEnvironment, timeout: 60_000 });
  } catch {
    return { missing: 'no go on the PATH' };
  }
  try {
    await run('go', ['mod', 'download'], { cwd: source, env: goEnvironment, timeout: 300_000 });
  } catch (error) {
    return { missing: `the Go modules cannot be had: ${firstLine((error as { stderr?: string }).stderr)}` };
  }
  const directory = await mkdtemp(join(tmpdir(), 'orbweaver-interop-'));
  const program = join(directory, 'interop');
  try {
    await run('go', ['build', '-o', program, '.'], {
      cwd: source,
      env: goEnvironment,
      timeout: BUILD_TIMEOUT_MS,
    });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    async run<T>(command: string, flags: Flags) {
      const { stdout } = await run(program, [command, ...written(flags)], { timeout: 60_000 });
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T);
    },
    async start(command, flags) {
      return follow(await startProcess(program, [command, ...written(flags)]));
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** `describe` for tests that drive it: skipped, and saying why, where it cannot be built. */
export function describeWithGo(
  program: GoProgram | { missing: string },
  name: string,
  define: (go: GoProgram) => void,
): void {
  if ('missing' in program) {
    describeSkipped(name, program.missing, () => define(unavailable));
  } else {
    describe(name, () => define(program));
  }
}

const unavailable: GoProgram = {
  run: () => Promise.reject(new Error('not built')),
  start: () => Promise.reject(new Error('not built')),
  remove: () => Promise.resolve(),
};

function follow(started: RunningProcess): GoProcess {
  const printed = (line: string): Record<string, unknown> =>
    line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {};
  return {
    process: started,
    async event<T>(name: string, fits: (object: T) => boolean = () => true) {
      const line = await started.waitForLine((candidate) => {
        const object = printed(candidate);
        return object['event'] === name && fits(object as T);
      });
      return JSON.parse(line) as T;
    },
    events: <T>(name: string) =>
      started.lines.map(printed).filter((object) => object['event'] === name) as T[],
  };
}

function written(flags: Flags): string[] {
  return Object.entries(flags).map(([flag, value]) => `-${flag}=${value}`);
}

function firstLine(text = 'it took too long'): string {
  return text.split('\n', 1)[0] ?? '';
}

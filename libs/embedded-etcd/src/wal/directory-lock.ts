import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { OrbweaverError } from '@app/errors';

/**
 * The right to use a data directory: a lock of the operating system on an open file, which goes with the process
 * however it ends, and which holds between containers that share the directory.
 *
 * Node cannot ask for such a lock itself. On Linux flock(1) does it on the open file that it inherits: the lock
 * belongs to that, not to the program that asked, and stays with us when it has ended. On macOS and BSD a file
 * can be opened with the lock.
 */
export class DirectoryLock {
  private constructor(private readonly descriptor: number) {}

  static take(path: string): DirectoryLock {
    const descriptor = process.platform === 'linux' ? lockOnLinux(path) : lockOnOpen(path);
    // For whoever finds it taken.
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`);
    return new DirectoryLock(descriptor);
  }

  release(): void {
    closeSync(this.descriptor);
  }
}

const { O_CREAT, O_NONBLOCK, O_RDWR } = constants;
/** Of <fcntl.h> on macOS and BSD; Node passes it on. */
const O_EXLOCK = 0x20;
/** What flock(1) ends with when somebody else has the lock. */
const FLOCK_TAKEN = 1;

function lockOnLinux(path: string): number {
  const descriptor = openSync(path, O_RDWR | O_CREAT, 0o600);
  const inherited = 3;
  const { status, error, stderr } = spawnSync('flock', ['-n', '-x', String(inherited)], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  if (status === 0) return descriptor;
  closeSync(descriptor);
  if (status === FLOCK_TAKEN) throw taken(path);
  throw new OrbweaverError(
    'FAILED_PRECONDITION',
    `cannot lock ${path} with flock(1), of util-linux or busybox: ${error?.message ?? stderr.toString().trim()}`,
    { cause: error },
  );
}

function lockOnOpen(path: string): number {
  if (process.platform === 'win32') {
    throw new OrbweaverError(
      'UNIMPLEMENTED',
      'a data directory cannot be locked on Windows: keep the store in memory',
    );
  }
  try {
    return openSync(path, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EAGAIN' ? taken(path) : error;
  }
}

function taken(path: string): OrbweaverError {
  const holder = readFileSync(path, 'utf8').trim();
  return new OrbweaverError(
    'FAILED_PRECONDITION',
    `the data directory is in use by another process (${holder === '' ? path : `pid ${holder}, ${path}`})`,
  );
}

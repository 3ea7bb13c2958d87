import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, Failure } from '../failure.js';

/** The directory that one local cluster owns while it runs. */
export class DataDir {
  private constructor(readonly path: string) {}

  /** Creates it where it is missing. Refuses one whose cluster still runs. */
  static open(path: string, options: { fresh?: boolean } = {}): DataDir {
    const directory = new DataDir(resolve(path));
    mkdirSync(directory.path, { recursive: true });
    const owner = directory.owner();
    if (owner !== undefined) {
      throw new Failure(
        EXIT.failed,
        `${directory.path} belongs to a cluster that runs (process ${owner}).\n` +
          'Stop that one, or give this one a directory of its own: --data-dir=DIR',
      );
    }
    if (options.fresh === true) {
      for (const part of ['store', 'log', 'crawl']) {
        rmSync(join(directory.path, part), { recursive: true, force: true });
      }
    }
    writeFileSync(directory.lockFile, String(process.pid));
    return directory;
  }

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  close(): void {
    rmSync(this.lockFile, { force: true });
  }

  private get lockFile(): string {
    return this.at('cluster.pid');
  }

  /** The process that has it open. One that died without closing has not. */
  private owner(): number | undefined {
    let pid: number;
    try {
      pid = Number(readFileSync(this.lockFile, 'utf8'));
      process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM'
        ? Number(readFileSync(this.lockFile, 'utf8'))
        : undefined;
    }
    return pid === process.pid ? undefined : pid;
  }
}

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, LogEntry } from '../replica/replica.js';
import type { Identity } from '../replica/state-machine.js';
import { damaged } from './damage.js';
import { DirectoryLock } from './directory-lock.js';
import { LogFile, readLog } from './log-file.js';
import { readSnapshot, syncDirectory, writeSnapshot, type Image } from './snapshot-file.js';

/**
 * A store on the disk: the newest snapshot and the logs since then.
 *
 *     lock                   who uses the directory
 *     snapshot-<index>       the state after that operation
 *     log-<index>            the operations from that one on
 *
 * A new log is begun with each snapshot; when the snapshot is in its place, what it stands for is removed.
 */

export interface Recovered {
  readonly dataDir: DataDir;
  readonly image: Image;
  /** The operations since the image. */
  readonly entries: Iterable<LogEntry>;
}

export class DataDir implements Journal {
  /** Where the next entry goes; none yet, or no longer, when a new log has to be begun. */
  private log: LogFile | undefined;
  private lastIndex = 0n;
  private logBytes = 0;
  private snapshotBytes = 0;
  private snapshotting: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly lock: DirectoryLock,
  ) {}

  /** Opens a directory that nobody else uses, or makes one with the identity given. */
  static async open(path: string, identity: Identity): Promise<Recovered> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const dataDir = new DataDir(path, DirectoryLock.take(join(path, 'lock')));
    try {
      return { dataDir, ...(await dataDir.recover(identity)) };
    } catch (error) {
      dataDir.lock.release();
      throw error;
    }
  }

  /** The last entry that is durable. */
  get index(): bigint {
    return this.lastIndex;
  }

  /** Whether the logs exceed this, and twice the last snapshot, so that its cost stays a fraction of theirs. */
  isSnapshotDue(logBytes: number): boolean {
    return this.snapshotting === undefined && this.logBytes > Math.max(logBytes, 2 * this.snapshotBytes);
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    this.log ??= await this.beginLog();
    const before = this.log.sizeBytes;
    await this.log.append(this.lastIndex + 1n, entries);
    this.logBytes += this.log.sizeBytes - before;
    this.lastIndex += BigInt(entries.length);
  }

  /**
   * Writes the state after the last entry. To be called between two appends; further ones go on meanwhile, into
   * a new log. If it fails, all that it would have replaced is still there.
   */
  async snapshot(image: Omit<Image, 'index'>): Promise<void> {
    const index = this.lastIndex;
    const finished = this.log;
    this.log = undefined;
    this.logBytes = 0;
    this.snapshotting = (async () => {
      await finished?.close();
      const name = nameOf('snapshot', index);
      this.snapshotBytes = await writeSnapshot(join(this.path, name), { ...image, index });
      await this.removeOutdated(await readdir(this.path), index);
    })().finally(() => {
      this.snapshotting = undefined;
    });
    await this.snapshotting;
  }

  /** Nothing is appended any more. */
  async close(): Promise<void> {
    // Whoever asked for the snapshot is told if it fails.
    await this.snapshotting?.catch(() => undefined);
    await this.log?.close();
    this.lock.release();
  }

  private async recover(identity: Identity): Promise<Omit<Recovered, 'dataDir'>> {
    const names = await readdir(this.path);
    const snapshot = numbered('snapshot', names).at(-1);
    const image = snapshot ? await this.load(snapshot) : await this.create(names, identity);
    await this.removeOutdated(names, image.index);

    this.lastIndex = image.index;
    const entries: LogEntry[] = [];
    const logs = numbered('log', names).filter(({ index }) => index > image.index);
    for (const [i, { index, name }] of logs.entries()) {
      const path = join(this.path, name);
      const expected = this.lastIndex + 1n;
      if (index !== expected)
        throw damaged(path, 0, `it begins with entry ${index}, and ${expected} is missing`);
      const isLast = i === logs.length - 1;
      const content = await readLog(path, index, isLast);
      for (const entry of content.entries) entries.push(entry);
      this.lastIndex += BigInt(content.entries.length);
      this.logBytes += content.sizeBytes;
      if (isLast && content.sizeBytes > 0) this.log = await LogFile.reopen(path, content.sizeBytes);
    }
    return { image, entries };
  }

  private async load({ name, index }: Numbered): Promise<Image> {
    const path = join(this.path, name);
    const { image, sizeBytes } = await readSnapshot(path);
    if (image.index !== index) throw damaged(path, 0, `it is the state after operation ${image.index}`);
    this.snapshotBytes = sizeBytes;
    return image;
  }

  private async create(names: readonly string[], identity: Identity): Promise<Image> {
    const log = numbered('log', names).at(0);
    if (log) throw damaged(join(this.path, log.name), 0, 'the snapshot that it goes on from is missing');
    const image = { ...identity, index: 0n, revision: 1n, compactRevision: -1n, leases: [], entries: [] };
    await writeSnapshot(join(this.path, nameOf('snapshot', 0n)), image);
    return image;
  }

  private async beginLog(): Promise<LogFile> {
    const log = await LogFile.create(join(this.path, nameOf('log', this.lastIndex + 1n)));
    await syncDirectory(this.path);
    return log;
  }

  /** Removes what the snapshot of `index` stands for, and what a crash has left unfinished. */
  private async removeOutdated(names: readonly string[], index: bigint): Promise<void> {
    const outdated = [
      ...numbered('snapshot', names).filter((file) => file.index < index),
      ...numbered('log', names).filter((file) => file.index <= index),
    ];
    const unfinished = names.filter((name) => name.startsWith('snapshot-') && name.endsWith('.tmp'));
    for (const name of [...outdated.map((file) => file.name), ...unfinished]) await rm(join(this.path, name));
  }
}

interface Numbered {
  readonly name: string;
  readonly index: bigint;
}

function nameOf(kind: 'snapshot' | 'log', index: bigint): string {
  return `${kind}-${index.toString(16).padStart(16, '0')}`;
}

/** The files of a kind, in the order of their indexes. */
function numbered(kind: 'snapshot' | 'log', names: readonly string[]): Numbered[] {
  const pattern = new RegExp(`^${kind}-([0-9a-f]{16})$`);
  return names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [{ name, index: BigInt(`0x${digits}`) }];
    })
    .sort((a, b) => (a.index < b.index ? -1 : 1));
}

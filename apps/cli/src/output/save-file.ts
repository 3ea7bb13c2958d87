import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXIT, Failure } from '../failure.js';

/**
 * Writes a file that is there as a whole or not at all: under another name beside it, and renamed when it is on
 * the disk. What stood there before stays until then. Gives its size.
 */
export async function saveFile(
  path: string,
  parts: AsyncIterable<Uint8Array>,
  told: (size: number) => void = () => {},
): Promise<number> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  const file = await open(partial, 'w').catch((error: unknown) => {
    throw new Failure(EXIT.failed, `Cannot write to ${path}: ${reasonOf(error)}.`, { cause: error });
  });
  let size = 0;
  try {
    try {
      for await (const part of parts) {
        await file.write(part).catch((error: unknown) => {
          throw new Failure(EXIT.failed, `Cannot write to ${path}: ${reasonOf(error)}.`, { cause: error });
        });
        size += part.length;
        told(size);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return size;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'there is no such directory',
    EACCES: 'permission denied',
    EROFS: 'it is read-only',
    EISDIR: 'it is a directory',
    ENOSPC: 'no space is left',
  };
  return known[code ?? ''] ?? message;
}

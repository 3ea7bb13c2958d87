import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * What tells a module from the same module after somebody changed it or a file beside it that it imports:
 * packages are not looked into. Throws when the module itself cannot be read.
 */
export async function fingerprintOf(path: string): Promise<string> {
  const sources = new Map<string, string>([[path, await readFile(path, 'utf8')]]);
  for (const [file, source] of sources) {
    for (const [, specifier = ''] of source.matchAll(RELATIVE_IMPORT)) {
      const imported = await fileOf(resolve(dirname(file), specifier));
      if (imported !== undefined && !sources.has(imported)) {
        sources.set(imported, await readFile(imported, 'utf8'));
      }
    }
  }
  const hash = createHash('sha256');
  for (const [file, source] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${file}\0${source}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}

const RELATIVE_IMPORT = /\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;

/** An import may name the file that it will be compiled to, or leave the ending out. */
async function fileOf(path: string): Promise<string | undefined> {
  const stem = path.replace(/\.([mc]?)js$/, '.$1ts');
  for (const candidate of [path, stem, `${path}.ts`, `${path}.js`, `${path}/index.ts`, `${path}/index.js`]) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile() === true) return candidate;
  }
  return undefined;
}

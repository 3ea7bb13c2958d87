import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version in the project's package.json, which stands above both the sources and the compiled files. */
export function productVersion(): string {
  for (let directory = new URL('./', import.meta.url); ; directory = new URL('../', directory)) {
    const file = fileURLToPath(new URL('package.json', directory));
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
      if (version !== undefined) return version;
    }
    if (directory.pathname === '/') return 'unknown';
  }
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, Failure } from './failure.js';

/** The compiled entry of an application, which stands beside this one in `dist`. */
export function applicationEntry(name: 'master' | 'worker'): string {
  const entry = fileURLToPath(new URL(`../../${name}/src/main.js`, import.meta.url));
  if (!existsSync(entry)) {
    throw new Failure(EXIT.failed, `The ${name} is not built (no ${entry}).\nBuild it with: npm run build`);
  }
  return entry;
}

import { fileURLToPath } from 'node:url';
import { startProcess, type RunningProcess } from '../support/process.js';
import type { CrawlOrder } from './crawl-program.js';

/** A process that crawls, from the sources. */
export function startCrawl(order: CrawlOrder): Promise<RunningProcess> {
  const hooks = new URL('../../scripts/typescript-threads.mjs', import.meta.url);
  const register = `import { register } from 'node:module'; register('${hooks.href}');`;
  const program = fileURLToPath(new URL('crawl-program.ts', import.meta.url));
  return startProcess(process.execPath, [
    `--import=data:text/javascript,${encodeURIComponent(register)}`,
    program,
    JSON.stringify(order),
  ]);
}

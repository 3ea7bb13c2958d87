import { pathToFileURL } from 'node:url';
import { applicationEntry } from './application.js';

/** Commands that run for long and read their own settings; each gets the rest of the command line untouched. */
export const programs: Readonly<Record<string, { summary: string; run: (argv: string[]) => Promise<void> }>> =
  {
    up: {
      summary: 'start a whole cluster on this machine: store, masters, workers',
      run: async (argv) => (await import('./commands/up.js')).up(argv),
    },
    demo: {
      summary: 'start a cluster and crawl a small sample site with it',
      run: async (argv) => (await import('./commands/demo.js')).demo(argv),
    },
    etcd: {
      summary: "serve etcd's API from this process, for one machine",
      run: async (argv) => (await import('./commands/etcd.js')).etcd(argv),
    },
    master: { summary: 'run a master', run: (argv) => runApplication('master', argv) },
    worker: { summary: 'run a worker', run: (argv) => runApplication('worker', argv) },
  };

/** In this process, so that signals, exit code and `ps` are the application's own. */
async function runApplication(name: 'master' | 'worker', argv: string[]): Promise<void> {
  const entry = applicationEntry(name);
  process.argv = [process.execPath, entry, ...argv];
  await import(pathToFileURL(entry).href);
}

/** `npm start`: everything that is needed, then the demo. Arguments go to it: `npm start -- --once`. */
import { readFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

prepare();

if (process.env.npm_lifecycle_event !== undefined) endWithNpm();

process.argv.splice(2, 0, 'demo');
await import('../bin/orbweaver.js');

/** A killed npm passes no Ctrl-C on any more; the cluster would run on, and nobody would know how to stop it. */
function endWithNpm() {
  const npm = npmPid();
  setInterval(() => {
    if (npmPid() !== npm) process.kill(process.pid, 'SIGTERM');
  }, 1_000).unref();
}

/** The parent, or its parent where npm's shell stands between. */
function npmPid() {
  try {
    const [, comm, rest = ''] =
      /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8')) ?? [];
    return comm === 'sh' ? Number(rest.split(' ')[1]) : process.ppid;
  } catch {
    // Not Linux.
    return process.ppid;
  }
}

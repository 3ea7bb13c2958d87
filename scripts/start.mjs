/** `npm start`: everything that is needed, then the demo. Arguments go to it: `npm start -- --once`. */
import { prepare } from './prepare.mjs';

prepare();

// When npm is killed, nobody passes a Ctrl-C on any more: whoever started us is gone, so are we.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 1_000).unref();

process.argv.splice(2, 0, 'demo');
await import('../bin/orbweaver.js');

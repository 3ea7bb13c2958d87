import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * `node tether.js COMMAND ARGUMENT…` runs a program that knows nothing of lifelines (etcd) and ends it when
 * standard input closes, that is when the parent is gone, however it ended. The program is stopped a little later
 * than the processes that use it, so that they can still sign off. SIGTERM is passed on.
 */
const LINGER_MS = 2_000;
const GRACE_MS = 12_000;

const [command = '', ...argv] = process.argv.slice(2);
const child = spawn(command, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  process.stderr.write(`${command} does not start: ${error.message}\n`);
  process.exit(127);
});
// As a shell tells of it: 128 and the signal's number.
child.once('exit', (code, signal) =>
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
);

process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGINT', () => child.kill('SIGTERM'));
process.stdin.once('close', () => {
  setTimeout(() => child.kill('SIGTERM'), LINGER_MS);
  setTimeout(() => child.kill('SIGKILL'), LINGER_MS + GRACE_MS);
});
process.stdin.on('error', () => undefined);
process.stdin.resume();

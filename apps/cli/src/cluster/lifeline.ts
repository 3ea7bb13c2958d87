import type { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into each Node process of a local cluster before its program (`node --import`). Standard input is a pipe
 * that the parent never writes to and that the kernel closes when the parent is gone, however it ended. Then this
 * process stops itself: in order if it can, at once if it has not ended after a while.
 */
const GRACE_MS = 12_000;
const lingerMs = Number(new URL(import.meta.url).searchParams.get('linger'));

// Threads load it as well; the process has one lifeline.
if (isMainThread) {
  const stdin: Socket = process.stdin;
  stdin.once('close', () => {
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), lingerMs).unref();
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), lingerMs + GRACE_MS).unref();
  });
  // A parent that dies may also reset the pipe; `close` follows.
  stdin.on('error', () => undefined);
  stdin.resume();
  // The lifeline alone keeps no program alive.
  stdin.unref();
}

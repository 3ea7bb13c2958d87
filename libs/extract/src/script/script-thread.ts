import { parentPort } from 'node:worker_threads';
import { openSandbox } from './sandbox.js';
import { READY, type ScriptRequest } from './script-request.js';

/** The program of the thread that scripts run in: one request at a time, each answered. */
const sandbox = openSandbox();
parentPort?.on('message', (request: ScriptRequest) => {
  void sandbox(request).then((answer) => parentPort?.postMessage(answer));
});

// The first script shall not pay for what is compiled as it is used.
await sandbox({
  source: 'ctx.select("p"); ctx.elements("p"); ctx.matchAll("(p)"); ctx.follow("/"); ctx.output({})',
  timeoutMs: 1_000,
  memoryBytes: 32 * 2 ** 20,
  page: {
    about: { url: 'http://localhost/', contentType: 'text/html', rule: '', depth: 0, carried: {} },
    kind: 'html',
    text: '<p>',
  },
});
parentPort?.postMessage(READY);

import { parentPort } from 'node:worker_threads';
import { openSandbox } from './sandbox.js';
import { READY, type ScriptRequest } from './script-request.js';

/** The program of the thread that scripts run in: one request at a time, each answered. */
const sandbox = openSandbox();
parentPort?.on('message', (request: ScriptRequest) => {
  void sandbox(request).then((answer) => parentPort?.postMessage(answer));
});
parentPort?.postMessage(READY);

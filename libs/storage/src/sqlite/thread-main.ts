import { parentPort, workerData } from 'node:worker_threads';
import { GroupRunner } from './group-runner.js';
import { HostIds } from './host-ids.js';
import { Housekeeping } from './housekeeping.js';
import { purge } from './operations/purge.js';
import { StoreFile } from './store-file.js';
import { CLOSE, type Group, type ThreadData } from './thread-protocol.js';

// The program of the store's own thread: whatever SQLite takes its time for, the main thread renews its leases.
const port = parentPort;
if (port === null) throw new Error('this is the program of a thread');
const { path, retention } = workerData as ThreadData;

const hosts = new HostIds();
const file = new StoreFile(path, () => hosts.clear());
const runner = new GroupRunner(file, hosts, retention);
let now = 0;
let last: Promise<unknown> = Promise.resolve();
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const result = last.then(work);
  last = result.catch(() => undefined);
  return result;
};

const housekeeping = new Housekeeping(() =>
  inTurn(async () => now > 0 && file.write((db) => purge({ db, hosts, now, retention }))),
);

port.on('message', (message: Group | typeof CLOSE) => {
  void inTurn(async () => {
    if (message === CLOSE) {
      housekeeping.stop();
      file.close();
      port.close();
      return;
    }
    now = message.now;
    port.postMessage(await runner.run(message));
    if (message.calls.some(({ name }) => name === 'claim')) housekeeping.wake();
  });
});

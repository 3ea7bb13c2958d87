// A process of workers that crawl nothing and tell masters of tasks as busy ones would; started by `tellingWorkers`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { worker as proto } from '../../dist/libs/proto/src/index.js';

/** Their addresses, in order. `tell` gives each the names of its tasks; of all of them `busy` change every second. */
export async function tellingWorkers(count) {
  const child = fork(fileURLToPath(import.meta.url), [String(count)], { serialization: 'advanced' });
  const [addresses] = await once(child, 'message');
  return {
    addresses,
    tell: (names, busy) => child.send({ names, busy }),
    close: async () => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const workers = Array.from({ length: Number(process.argv[2]) }, () => new TellingWorker());
  process.send(await Promise.all(workers.map((worker) => worker.listen())));
  process.on('message', ({ names, busy }) =>
    workers.forEach((worker, n) => worker.take(names[n], Math.ceil(busy / workers.length))),
  );
  process.once('disconnect', () => process.exit());
}

function TellingWorker() {
  const server = new Server();
  const calls = new Set();
  let tasks = [];
  let told = false;
  const snapshot = (call) => {
    for (let at = 0; at < tasks.length; at += 500) {
      call.write({ tasks: tasks.slice(at, at + 500), gone: [], synced: false });
    }
    call.write({ tasks: [], gone: [], synced: true });
  };
  server.addService(proto.WorkerService, {
    getStatus: (_, answer) => answer(null, proto.WorkerStatus.decode(new Uint8Array())),
    listTasks: (_, answer) => answer(null, { tasks: [] }),
    watchTasks: (call) => {
      calls.add(call);
      call.once('cancelled', () => calls.delete(call));
      if (told) snapshot(call);
    },
  });
  this.listen = () =>
    new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(`127.0.0.1:${port}`),
      ),
    );
  this.take = (names, busy) => {
    tasks = names.map((name, n) => status(name, n, n < busy));
    told = true;
    for (const call of calls) snapshot(call);
    setInterval(() => {
      const changed = tasks.slice(0, busy);
      for (const task of changed) {
        task.pagesDone += 5n;
        task.items += 5n;
        task.pagesPerSecond = 4 + Math.random() * 2;
      }
      for (let at = 0; at < changed.length; at += 500) {
        for (const call of calls) call.write({ tasks: changed.slice(at, at + 500), gone: [], synced: false });
      }
    }, 1_000);
  };
}

const NOTHING = proto.TaskStatus.decode(new Uint8Array());

function status(name, n, isBusy) {
  const failed = n % 10 === 0;
  return {
    ...NOTHING,
    name,
    state: isBusy ? 'running' : failed ? 'failed' : 'done',
    pagesDone: BigInt((n * 7_919) % 100_000),
    pagesQueued: BigInt((n * 31) % 1_000),
    pagesFailed: BigInt(n % 17),
    items: BigInt((n * 104_729) % 1_000_000),
    pagesPerSecond: isBusy ? 5 : 0,
    since: { seconds: 1_790_000_000n, nanos: 5_000_000 },
    epoch: 7n,
    run: 1,
    lastError: failed ? `HTTP 404 at https://example.com/${n}` : '',
  };
}

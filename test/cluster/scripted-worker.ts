import { Server, ServerCredentials, status, type ServerWritableStream } from '@grpc/grpc-js';
import { worker as proto } from '@app/proto';
import type { Cluster } from './cluster.js';

/**
 * A worker that says what a test wants masters to hear: of every task the state that the test has set (`done`
 * without), and as items what the test sends.
 */
export class ScriptedWorker {
  readonly states = new Map<string, string>();
  /** Calls of ListTasks so far, by how many names they asked for. */
  readonly asked: number[] = [];
  /** What it does with a stream of items. */
  exports: (call: ExportCall) => void = (call) => call.end();
  /** What it does with whoever reads a log. */
  logs: (call: LogCall) => void = (call) => call.end();
  /** What it does with whoever watches its tasks: it knows no such call, like a worker of a version before. */
  watches: (call: WatchCall) => void = (call) =>
    void call.emit('error', failure(status.UNIMPLEMENTED, 'not here'));
  private readonly server = new Server();

  private constructor() {
    this.server.addService(proto.WorkerService, {
      getStatus: (_: unknown, answer: (error: null, status: proto.WorkerStatus) => void) =>
        answer(null, proto.WorkerStatus.decode(new Uint8Array())),
      listTasks: (
        { request: { names } }: { request: proto.ListTasksRequest },
        answer: (error: null, tasks: proto.ListTasksResponse) => void,
      ) => {
        this.asked.push(names.length);
        answer(null, { tasks: names.flatMap((name) => this.task(name)) });
      },
      exportItems: (call: ExportCall) => this.exports(call),
      watchTasks: (call: WatchCall) => this.watches(call),
      readLog: (call: LogCall) => this.logs(call),
    });
  }

  /** Registered when it resolves. */
  static async start(cluster: Cluster, id: string): Promise<ScriptedWorker> {
    const worker = new ScriptedWorker();
    const port = await new Promise<number>((resolve, reject) => {
      worker.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    await cluster.registerWorker(id, `127.0.0.1:${port}`);
    return worker;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private task(name: string): proto.TaskStatus[] {
    const state = this.states.get(name) ?? 'done';
    if (state === 'unknown') return [];
    // Of an assignment later than any there is.
    return [{ ...NOTHING, name, state, epoch: 2n ** 62n, pagesDone: 7n, pagesPerSecond: 1.5 }];
  }
}

export type WatchCall = ServerWritableStream<proto.WatchTasksRequest, proto.TaskChanges>;
export type LogCall = ServerWritableStream<proto.ReadLogRequest, proto.LogLines>;
export type ExportCall = ServerWritableStream<proto.ExportItemsRequest, proto.ExportChunk>;

/** The first message of a stream of items. */
export function named(fileName: string, contentType: string): proto.ExportChunk {
  return { fileName, contentType, data: Buffer.alloc(0) };
}

export function chunk(data: string | Buffer): proto.ExportChunk {
  return { fileName: '', contentType: '', data: Buffer.from(data) };
}

export function failure(code: status, details: string): { code: status; details: string } {
  return { code, details };
}

const NOTHING = proto.TaskStatus.decode(new Uint8Array());

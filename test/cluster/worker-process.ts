import { existsSync } from 'node:fs';
import {
  Client,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { worker as proto } from '@app/proto';
import { startProcess, type ProcessExit, type RunningProcess } from '../support/process.js';
import type { LogLine } from './master-process.js';

const MAIN = 'dist/apps/worker/src/main.js';

/** A worker as a process of its own, on ports that it took itself. */
export class WorkerProcess {
  readonly #grpc: Client;

  private constructor(
    readonly process: RunningProcess,
    readonly nodeId: string,
    readonly http: string,
    readonly address: string,
  ) {
    this.#grpc = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  static async start(id: string, ...flags: string[]): Promise<WorkerProcess> {
    const worker = await launchWorker(`--id=${id}`, '--http=127.0.0.1:0', '--grpc=127.0.0.1:0', ...flags);
    const ready = JSON.parse(await worker.waitForLine(/"msg":"ready"/)) as LogLine;
    return new WorkerProcess(
      worker,
      `go.micro.server.worker-${id}`,
      ready['http'] as string,
      ready['grpc'] as string,
    );
  }

  /** What the log says so far, of this message. */
  logged(msg: string): LogLine[] {
    return this.process.lines
      .filter((line) => line.includes(msg))
      .map((line) => JSON.parse(line) as LogLine)
      .filter((line) => line.msg === msg);
  }

  status(): Promise<proto.WorkerStatus> {
    return this.#call(proto.WorkerService.getStatus, {});
  }

  task(name: string): Promise<proto.TaskStatus> {
    return this.#call(proto.WorkerService.getTask, { name });
  }

  pages(name: string, pageSize = 1_000, pageToken = ''): Promise<proto.ListPagesResponse> {
    return this.#call(proto.WorkerService.listPages, { name, pageSize, pageToken, failed: false });
  }

  /** Read as fast as the caller does. */
  export(name: string, format: string): ClientReadableStream<proto.ExportChunk> {
    return this.#stream(proto.WorkerService.exportItems, { name, format, contains: '' });
  }

  /** All that is kept. */
  async log(name: string): Promise<proto.LogLine[]> {
    const lines: proto.LogLine[] = [];
    const request = { name, after: 0n, tail: 0, follow: false };
    for await (const part of this.#stream(proto.WorkerService.readLog, request)) {
      lines.push(...(part as proto.LogLines).lines);
    }
    return lines;
  }

  /** Read as fast as the caller does. */
  watchTasks(): ClientReadableStream<proto.TaskChanges> {
    return this.#stream(proto.WorkerService.watchTasks, {});
  }

  async stop(): Promise<ProcessExit> {
    this.#grpc.close();
    return this.process.stop();
  }

  async kill(): Promise<void> {
    this.#grpc.close();
    await this.process.kill();
  }

  #stream<Q, A>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
  ): ClientReadableStream<A> {
    return this.#grpc.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  }

  #call<Q, A>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#grpc.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: Date.now() + 30_000 },
        (error: ServiceError | null, answer?: A) => (error === null ? resolve(answer as A) : reject(error)),
      );
    });
  }
}

export function launchWorker(...flags: string[]): Promise<RunningProcess> {
  if (!existsSync(MAIN)) throw new Error('not built: run `npm run build` first');
  return startProcess(process.execPath, [MAIN, ...flags]);
}

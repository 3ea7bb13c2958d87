import { existsSync } from 'node:fs';
import { Client, credentials, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { cluster, crawler } from '@app/proto';
import { startProcess, type RunningProcess } from '../support/process.js';

const MAIN = 'dist/apps/master/src/main.js';

/** One line of the log. */
export type LogLine = { msg: string } & Record<string, unknown>;

/** Of a master whose end is not waited for longer than a pause of its process on a busy machine may last. */
export const SHORT_TERM = '--election-ttl=4s';

/** What a call over REST came to. */
export interface RestAnswer {
  status: number;
  body: Record<string, unknown> & { code?: number; message?: string };
  headers: Headers;
}

/** A master as a process of its own, on ports that it took itself. */
export class MasterProcess {
  readonly grpc: Client;

  private constructor(
    readonly process: RunningProcess,
    readonly http: string,
    readonly grpcAddress: string,
  ) {
    this.grpc = new Client(grpcAddress, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Resolves when its addresses are bound; what it needs to be ready may be missing still. */
  static async start(id: string, etcd: string, ...flags: string[]): Promise<MasterProcess> {
    if (!existsSync(MAIN)) throw new Error('not built: run `npm run build` first');
    const defaults = { http: '127.0.0.1:0', grpc: '127.0.0.1:0', 'election-ttl': '10s' };
    const master = await startProcess(process.execPath, [
      MAIN,
      `--id=${id}`,
      `--etcd=${etcd}`,
      ...Object.entries(defaults).map(([flag, value]) => `--${flag}=${value}`),
      ...flags,
    ]);
    const line = await master.waitForLine(/"msg":"listening"/);
    const bound = JSON.parse(line) as LogLine;
    return new MasterProcess(master, bound['http'] as string, bound['grpc'] as string);
  }

  async ready(): Promise<void> {
    await this.process.waitForLine(/"msg":"ready"/);
  }

  /** What the log says so far, of this message. */
  logged(msg: string): LogLine[] {
    return this.process.lines
      .filter((line) => line.includes(msg))
      .map((line) => JSON.parse(line) as LogLine)
      .filter((line) => line.msg === msg);
  }

  async rest(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const response = await fetch(`http://${this.http}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as RestAnswer['body'],
      headers: response.headers,
    };
  }

  add(name: string, timeoutMs = 30_000): Promise<crawler.NodeSpec> {
    return this.call(crawler.CrawlerMasterService.addResource, resource(name), { timeoutMs });
  }

  remove(name: string): Promise<unknown> {
    return this.call(crawler.CrawlerMasterService.deleteResource, resource(name));
  }

  masters(): Promise<cluster.ListMastersResponse> {
    return this.call(cluster.ClusterService.listMasters, {});
  }

  async leaderAddress(): Promise<string | undefined> {
    return (await this.masters()).leader?.address;
  }

  call<Q, A>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    { metadata = {}, timeoutMs = 30_000 }: { metadata?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<A> {
    const sent = new Metadata();
    for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
    return new Promise((resolve, reject) => {
      this.grpc.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        sent,
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, answer?: A) => (error === null ? resolve(answer as A) : reject(error)),
      );
    });
  }

  async stop(): Promise<void> {
    this.grpc.close();
    await this.process.stop();
  }

  async kill(): Promise<void> {
    this.grpc.close();
    await this.process.kill();
  }
}

function resource(name: string): crawler.ResourceSpec {
  return { id: '', name, assignedNode: '', creationTime: 0n, spec: '' };
}

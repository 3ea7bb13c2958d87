import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/**
 * etcd's API as any gRPC client sees it, made from the .proto files by libraries that know nothing of ours.
 * Bytes are strings of one character a byte, 64-bit numbers decimal strings, fields as in the .proto files; an
 * answer's header is cut down to its revision, which is all that two servers can agree on.
 */
export type Answer = { header: { revision: string } } & Record<string, unknown>;
export type Question = Record<string, unknown>;

type Unary = (request: unknown, done: (error: Error | null, response: unknown) => void) => void;
type Client = grpc.Client & Record<string, Unary & (() => grpc.ClientDuplexStream<unknown, unknown>)>;

const PROTO_DIR = fileURLToPath(new URL('../../libs/embedded-etcd/proto', import.meta.url));

export const etcdPackage = loadSync(['etcdserverpb/rpc.proto'], {
  includeDirs: [PROTO_DIR],
  keepCase: true,
  longs: String,
  enums: Number,
  defaults: true,
  arrays: true,
});

const { etcdserverpb } = grpc.loadPackageDefinition(etcdPackage) as unknown as {
  etcdserverpb: Record<string, new (address: string, c: grpc.ChannelCredentials, o: object) => Client>;
};

export class EtcdApi {
  private readonly clients = new Map<string, Client>();

  constructor(private readonly endpoint: string) {}

  readonly range = (request: Question): Promise<Answer> => this.call('KV', 'Range', request);
  readonly put = (request: Question): Promise<Answer> => this.call('KV', 'Put', request);
  readonly deleteRange = (request: Question): Promise<Answer> => this.call('KV', 'DeleteRange', request);
  readonly txn = (request: Question): Promise<Answer> => this.call('KV', 'Txn', request);
  readonly compact = (request: Question): Promise<Answer> => this.call('KV', 'Compact', request);
  readonly leaseGrant = (request: Question): Promise<Answer> => this.call('Lease', 'LeaseGrant', request);
  readonly leaseRevoke = (request: Question): Promise<Answer> => this.call('Lease', 'LeaseRevoke', request);
  readonly leaseTimeToLive = (request: Question): Promise<Answer> =>
    this.call('Lease', 'LeaseTimeToLive', request);
  readonly leaseLeases = (): Promise<Answer> => this.call('Lease', 'LeaseLeases', {});
  readonly memberList = (): Promise<Answer> => this.call('Cluster', 'MemberList', {});
  readonly status = (): Promise<Answer> => this.call('Maintenance', 'Status', {});
  readonly watch = (): EtcdStream => new EtcdStream(this.client('Watch').Watch!());
  readonly leaseKeepAlive = (): EtcdStream => new EtcdStream(this.client('Lease').LeaseKeepAlive!());

  async call(service: string, method: string, request: Question): Promise<Answer> {
    const client = this.client(service);
    return new Promise((resolve, reject) => {
      client[method]!(toWire(request), (error, response) => {
        if (error) reject(error);
        else resolve(fromWire(response) as Answer);
      });
    });
  }

  /** A call of a method by its path, with a request in its bytes. */
  async raw(path: string, request: Buffer): Promise<Buffer> {
    const same = (bytes: Buffer): Buffer => bytes;
    return new Promise((resolve, reject) => {
      this.client('KV').makeUnaryRequest(path, same, same, request, (error, response) => {
        if (error) reject(error);
        else resolve(response!);
      });
    });
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private client(service: string): Client {
    let client = this.clients.get(service);
    if (client === undefined) {
      const options = { 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1 };
      client = new etcdserverpb[service]!(this.endpoint, grpc.credentials.createInsecure(), options);
      this.clients.set(service, client);
    }
    return client;
  }
}

/** A stream both ways, of which the answers are taken one by one. */
export class EtcdStream {
  private readonly answers: Answer[] = [];
  private readonly takers: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  private ended: Error | undefined;

  constructor(private readonly stream: grpc.ClientDuplexStream<unknown, unknown>) {
    stream.on('data', (message) => {
      const answer = fromWire(message) as Answer;
      const taker = this.takers.shift();
      if (taker) taker.resolve(answer);
      else this.answers.push(answer);
    });
    const end = (error: Error): void => {
      this.ended ??= error;
      for (const taker of this.takers.splice(0)) taker.reject(this.ended);
    };
    stream.on('error', end);
    stream.on('end', () => end(new Error('the stream has ended')));
  }

  send(request: Question): void {
    this.stream.write(toWire(request));
  }

  async next(timeoutMs = 30_000): Promise<Answer> {
    const ready = this.answers.shift();
    if (ready !== undefined) return ready;
    if (this.ended) throw this.ended;
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.takers.push({ resolve, reject });
      timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    });
    return answer.finally(() => clearTimeout(timer));
  }

  /** Does not take what comes until `resume()`. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  close(): void {
    this.stream.cancel();
  }
}

function toWire(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'latin1');
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value === 'object' && value !== null) return mapValues(value, toWire);
  return value;
}

function fromWire(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== 'object' || value === null) return value;
  if ('cluster_id' in value && 'revision' in value) return { revision: value.revision };
  return mapValues(value, fromWire);
}

function mapValues(object: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

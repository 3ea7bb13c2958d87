import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { firstValueFrom, isObservable } from 'rxjs';
import { INTERNAL, REASON_METADATA, type StatusError } from '../errors/status.js';
import type { CallPipeline } from '../request/call-pipeline.js';
import { rpcAtPath, type Rpc } from '../request/rpc.js';
import { inServerSpan } from '../request/server-span.js';
import { cannotListen, hostAndPort, type ListenAddress } from '../service/listen-address.js';
import { grpcCall } from './grpc-call.js';
import { grpcArrival } from './grpc-trace.js';
import { addReflection } from './reflection.js';

export interface GrpcTransportOptions {
  readonly listen: ListenAddress;
  readonly services: readonly ServiceDefinition[];
  /** Each service is served under `/<alias>.<service>/…` too, as go-micro clients call it. */
  readonly alias: string;
  readonly pipeline: CallPipeline;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * Nest's gRPC server with three things of our own: services are taken from generated definitions one by
 * one, with and without a package; a unary answer crosses no rxjs operator that nobody asked for; and
 * stopping has a deadline, after which open calls are cut.
 */
export class GrpcTransport extends ServerGrpc {
  private port = 0;
  private readonly streams = new Set<Stream>();

  constructor(private readonly settings: GrpcTransportOptions) {
    super({
      package: '',
      packageDefinition: {},
      // Nest loads this at start though generated definitions need no loader, and protobufjs is slow to load.
      protoLoader: '@grpc/grpc-js',
    });
  }

  /** Known once listening. */
  get boundPort(): number {
    return this.port;
  }

  override async createClient(): Promise<Server> {
    const server = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.enable_channelz': 0,
    });
    this.port = await bind(server, this.settings.listen);
    return server;
  }

  override async bindEvents(): Promise<void> {
    const server = this.grpcClient as unknown as Server;
    for (const definition of this.settings.services) {
      const fullName = serviceName(definition);
      const handlers: UntypedServiceImplementation = await this.createService(
        { prototype: definition },
        fullName.slice(fullName.lastIndexOf('.') + 1),
      );
      server.addService(definition, handlers);
      server.addService(aliased(definition, this.settings.alias), handlers);
    }
    addReflection(server, this.settings.services.map(serviceName));
  }

  // oxlint-disable-next-line typescript/no-unsafe-function-type -- the signature of the base class
  override createUnaryServiceMethod(handler: Function): Function {
    const { pipeline } = this.settings;
    const serve = async (
      call: ServerUnaryCall<unknown, unknown>,
      rpc: Rpc | undefined,
      callback: sendUnaryData<unknown>,
    ): Promise<void> => {
      const handle = (): Promise<unknown> => settle(handler(call.request, call.metadata, call));
      const done = this.received(rpc, call.request);
      let answer: unknown;
      try {
        answer = await (rpc === undefined ? handle() : pipeline.run(() => grpcCall(call, rpc), handle));
      } catch (error) {
        const { code, message, reason } = pipeline.statusOf(error);
        const metadata = new Metadata();
        if (reason !== undefined) {
          metadata.set(REASON_METADATA, reason);
        }
        done(code);
        callback({ code, details: message, metadata });
        return;
      }
      done(status.OK);
      callback(null, answer ?? {});
    };
    return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
      const rpc = rpcAtPath(call.getPath());
      return inServerSpan(
        rpc,
        (known) => grpcArrival(call.metadata, known),
        () => serve(call, rpc, callback),
      );
    };
  }

  // oxlint-disable-next-line typescript/no-unsafe-function-type -- the signature of the base class
  override createStreamServiceMethod(handler: Function): Function {
    const stream = super.createStreamServiceMethod(handler) as (call: Stream) => Promise<void>;
    const serve = (call: Stream, rpc: Rpc | undefined): Promise<void> => {
      const done = this.received(rpc, call.request);
      let code = status.OK;
      const end = (): void => {
        if (this.streams.delete(call)) {
          done(code);
        }
      };
      this.streams.add(call);
      call.once('error', (error: Partial<StatusError>) => (code = error.code ?? INTERNAL.code));
      call.once('cancelled', () => {
        code = status.CANCELLED;
        end();
      });
      call.once('finish', end);
      return stream(call);
    };
    return (call: Stream) => {
      const rpc = rpcAtPath(call.getPath());
      return inServerSpan(
        rpc,
        (known) => grpcArrival(call.metadata, known),
        () => serve(call, rpc),
      );
    };
  }

  /** Takes no new call, ends open streams, and waits for unary calls until the deadline. */
  async stop(graceMs: number): Promise<void> {
    const server = this.grpcClient as unknown as Server | null;
    if (server === null || server === undefined) {
      return;
    }
    Object.assign(this, { grpcClient: null });
    for (const call of this.streams) {
      call.emit('error', { code: status.UNAVAILABLE, details: 'shutting down' });
    }
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, graceMs);
      server.tryShutdown(() => {
        clearTimeout(deadline);
        resolve();
      });
    });
  }

  override async close(): Promise<void> {
    await this.stop(0);
  }

  private received(rpc: Rpc | undefined, request: unknown): (code: status) => void {
    return rpc === undefined ? ignore : this.settings.pipeline.received(rpc, request, 'grpc');
  }
}

type Stream = ServerWritableStream<unknown, unknown>;

function ignore(): void {}

/** Nest hands out a promise of the value, or of an observable where an interceptor or filter had a part in it. */
async function settle(result: unknown): Promise<unknown> {
  const value = await result;
  return isObservable(value) ? firstValueFrom(value, { defaultValue: undefined }) : value;
}

export function serviceName(definition: ServiceDefinition): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}

function aliased(definition: ServiceDefinition, alias: string): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      { ...method, path: `/${alias}.${method.path.slice(1)}` },
    ]),
  );
}

async function bind(server: Server, listen: ListenAddress): Promise<number> {
  const to = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      server.bindAsync(hostAndPort(host, listen.port), ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  try {
    // All interfaces: both families where the machine has both.
    return await (listen.host === ''
      ? to('::').catch((error: Error) =>
          /EADDRINUSE/.test(error.message) ? Promise.reject(error) : to('0.0.0.0'),
        )
      : to(listen.host));
  } catch (error) {
    throw cannotListen('gRPC', listen, error);
  }
}

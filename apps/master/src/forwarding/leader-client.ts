import { Client, credentials, status, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { circuitBreaker, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { OrbweaverError, isOrbweaverError } from '@app/errors';
import { inSpan } from '@app/observability';
import type { cluster, crawler } from '@app/proto';
import {
  callMetadata,
  REASON_METADATA,
  rpcAttributes,
  rpcNamed,
  StatusError,
  type CallOption,
  type RpcCall,
} from '@app/transport';
import { AddGatherer } from './add-gatherer.js';
import { gatheredMark } from './gathered-mark.js';

/** The one hop that a call may make. */
export interface Hop {
  readonly forwardedBy: string;
  readonly timeoutMs: number;
}

/**
 * Calls one leader. Behind a circuit breaker: while it cannot be reached, callers learn so at once and wait for
 * the next leader instead of for a connection.
 */
export class LeaderClient {
  private readonly client: Client;
  private readonly open = new Set<ClientUnaryCall>();
  private adds: AddGatherer | undefined;
  private isCut = false;
  private readonly breaker = circuitBreaker(
    handleWhen((error) => isOrbweaverError(error, 'NOT_LEADER')),
    { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(5) },
  );

  constructor(private readonly address: string) {
    this.client = new Client(address, credentials.createInsecure(), CHANNEL);
  }

  /**
   * The leader's answer, or its error as StatusError. NOT_LEADER says that the call is for the next leader: this
   * one cannot be reached, or leads no more.
   */
  async call(call: RpcCall, hop: Hop): Promise<unknown> {
    try {
      const span = { kind: SpanKind.CLIENT, attributes: rpcAttributes(call.rpc) };
      return await inSpan('forward', span, () => this.breaker.execute(() => this.send(call, hop)));
    } catch (error) {
      throw isBrokenCircuitError(error) ? this.unreachable(error) : error;
    }
  }

  /** Takes no new call; those still open after `ms` are cut. */
  retire(ms: number): void {
    const cut = (): void => {
      this.isCut = true;
      for (const call of this.open) call.cancel();
      this.client.close();
    };
    if (ms === 0 || this.open.size === 0) cut();
    else setTimeout(cut, ms).unref();
  }

  private send(call: RpcCall, { forwardedBy, timeoutMs }: Hop): Promise<unknown> {
    const { rpc, request } = call;
    const options: Options = { 'forwarded-by': forwardedBy };
    for (const name of PASSED_ON) {
      const value = call.option(name);
      if (value !== undefined) options[name] = value;
    }
    if (rpc.name !== ADD || options.pending !== undefined)
      return this.unary(rpc, request, options, timeoutMs);
    this.adds ??= this.gatherer(rpc, { 'forwarded-by': forwardedBy });
    return this.adds.add(request as crawler.ResourceSpec, timeoutMs);
  }

  private gatherer(rpc: RpcCall['rpc'], options: Options): AddGatherer {
    const together = rpcNamed('Cluster.AddResources');
    return new AddGatherer({
      add: async (request, ms) => (await this.unary(rpc, request, options, ms)) as crawler.NodeSpec,
      addAll: async (request, traceParents, ms) =>
        (await this.unary(
          together,
          request,
          { ...options, gathered: gatheredMark(traceParents) },
          ms,
        )) as cluster.AddResourcesResponse,
    });
  }

  private unary(
    rpc: RpcCall['rpc'],
    request: unknown,
    options: Options,
    timeoutMs: number,
  ): Promise<unknown> {
    // What waited behind a call that was cut.
    if (this.isCut) return Promise.reject(this.unreachable(undefined));
    const { path, requestSerialize, responseDeserialize } = rpc.definition;
    const metadata = callMetadata();
    for (const [name, value] of Object.entries(options)) metadata.set(`orbweaver-${name}`, value);
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          this.open.delete(call);
          if (error === null) resolve(answer);
          else reject(this.translate(error));
        },
      );
      this.open.add(call);
    });
  }

  private translate(error: ServiceError): Error {
    const answered = error.metadata.get(REASON_METADATA)[0];
    if (answered === 'NOT_LEADER' || (answered === undefined && BROKEN.has(error.code))) {
      return this.unreachable(error);
    }
    return new StatusError({ code: error.code, message: error.details }, { cause: error });
  }

  private unreachable(cause: unknown): OrbweaverError {
    return new OrbweaverError('NOT_LEADER', `the leader at ${this.address} cannot be reached`, { cause });
  }
}

type Options = Partial<Record<CallOption, string>>;

const ADD = 'CrawlerMaster.AddResource';
const PASSED_ON = ['pending', 'consistency'] as const;

/** Of the connection, or of a leader that is being stopped, unless the leader itself says what it means. */
const BROKEN: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.CANCELLED]);

const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A leader whose machine is gone answers nothing, not even that the connection is closed.
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
};

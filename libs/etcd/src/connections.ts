import { readFileSync } from 'node:fs';
import { Metadata, status, type Client, type ClientDuplexStream, type ClientUnaryCall } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import { noop } from 'cockatiel';
import { ConnectionPool, type Host } from 'etcd3/lib/connection-pool.js';
import { isStaleToken, statusOf, translate, wasNotSent } from './errors.js';
import type { CallOptions, EtcdOptions } from './etcd-options.js';
import { PassingOver } from './passing-over.js';

export interface Method<Response> {
  service: 'KV' | 'Watch' | 'Lease' | 'Maintenance';
  name: string;
  decode(bytes: Buffer): Response;
}

/** Whether etcd answers at present, for readiness. */
export interface EtcdStatus {
  /** The call that ended last got an answer. False before the first call. */
  ok: boolean;
  /** On the monotonic clock. */
  lastOkAt: number | undefined;
  lastError: OrbweaverError | undefined;
}

export interface Stream<Response> extends ClientDuplexStream<Buffer, Response> {
  /** To be told when a stream is given up because its endpoint is silent. Errors of the stream itself tell themselves. */
  blame(cause: OrbweaverError): void;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 5_000;

const CHANNEL_OPTIONS = {
  // etcd closes connections that are pinged more often than every 5 s.
  'grpc.keepalive_time_ms': 6_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.max_receive_message_length': 256 << 20,
  'grpc.max_send_message_length': 64 << 20,
  // One connection for each of KV, Watch and Lease: a keep-alive never waits behind a page of a list.
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * Calls and streams over npm etcd3's connection pool, which picks an endpoint, holds the credentials and passes
 * over endpoints that fail.
 *
 * Two things of the pool are kept from happening. Its retry: a write whose answer is lost may have been done,
 * only the caller knows whether it can be repeated. And its reset of a host's channels after any recoverable
 * error, a mere timeout included: errors are translated inside the pool already, into some that it takes for
 * final, and the channels reconnect by themselves.
 */
export class Connections {
  readonly requestTimeoutMs: number;
  readonly endpointCount: number;
  readonly #pool: ConnectionPool;
  readonly #streams = new Set<Stream<unknown>>();
  #status: EtcdStatus = { ok: false, lastOkAt: undefined, lastError: undefined };

  constructor(options: EtcdOptions) {
    this.requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.endpointCount = options.endpoints.length;
    this.#pool = new ConnectionPool(poolOptions(options, this.requestTimeoutMs));
  }

  status(): EtcdStatus {
    return this.#status;
  }

  /** Open streams are cancelled: the pool alone would let them go on, and the process with them. */
  close(): void {
    this.#pool.close();
    for (const stream of this.#streams) stream.cancel();
  }

  /** ETCD_UNAVAILABLE: it may have been done, or may yet be. Sent once; what could not be sent goes elsewhere. */
  write<T>(method: Method<T>, request: Buffer, options: CallOptions = {}): Promise<T> {
    return this.#call(method, request, options, wasNotSent);
  }

  /** May be repeated: each endpoint is tried, the silent ones for their share of the time. */
  repeatable<T>(method: Method<T>, request: Buffer, options: CallOptions = {}): Promise<T> {
    return this.#call(method, request, options, () => true, true);
  }

  /** Asked of every endpoint at once, also of those that calls pass over; in the order in which they are given. */
  async each<T>(
    method: Method<T>,
    request: Buffer,
    { signal, timeoutMs = this.requestTimeoutMs }: CallOptions = {},
  ): Promise<{ endpoint: string; answer: Promise<T> }[]> {
    // Not public in etcd3, which knows no call of a certain endpoint.
    const pool = this.#pool as unknown as {
      hosts: (Pick<Host, 'getServiceClient'> & { host: string })[];
      authenticator: { getMetadata(): Promise<Metadata> };
    };
    const metadata = pool.authenticator.getMetadata().catch((cause: unknown) => {
      throw translate(cause, method.name);
    });
    return pool.hosts.map((host) => ({
      endpoint: host.host,
      answer: metadata.then((known) =>
        unaryCall(host.getServiceClient(method.service), known, method, request, { signal, timeoutMs }).catch(
          (cause: unknown) => {
            if (isStaleToken(cause)) this.forgetToken();
            throw translate(cause, method.name);
          },
        ),
      ),
    }));
  }

  async #call<T>(
    method: Method<T>,
    request: Buffer,
    { signal, timeoutMs = this.requestTimeoutMs }: CallOptions,
    repeatable: (error: OrbweaverError) => boolean,
    share = false,
  ): Promise<T> {
    const deadlineAt = performance.now() + timeoutMs;
    // One order for all attempts, so that the next one goes to another endpoint. Not public in etcd3.
    const hosts = this.#pool['shuffledHosts']() as Generator<Host, void>;
    for (let left = this.endpointCount; ; left--) {
      const remainingMs = Math.max(1, deadlineAt - performance.now());
      try {
        const response = await this.#attempt(
          hosts,
          method,
          request,
          signal,
          share ? remainingMs / left : remainingMs,
        );
        this.#status = { ok: true, lastOkAt: performance.now(), lastError: undefined };
        return response;
      } catch (cause) {
        const error = this.#failed(translate(cause, method.name));
        const mayHelp = error.code === 'ETCD_UNAVAILABLE' && left > 1 && performance.now() < deadlineAt;
        if (!mayHelp || !repeatable(error)) throw error;
      }
    }
  }

  /** A stale token is told before anything is done, so a second attempt is safe for writes too. */
  async #attempt<T>(
    hosts: Generator<Host, void>,
    method: Method<T>,
    request: Buffer,
    signal: AbortSignal | undefined,
    timeoutMs: number,
  ): Promise<T> {
    const once = (): Promise<T> =>
      this.#pool.withConnection(
        method.service,
        ({ client, metadata }) => unaryCall(client, metadata, method, request, { signal, timeoutMs }),
        hosts,
      );
    return once().catch((error: unknown) => {
      if (!isStaleToken(error)) throw error;
      this.forgetToken();
      return once();
    });
  }

  /**
   * Opens a stream, which ends with an error by itself when its endpoint is lost (no answer to HTTP/2 pings) or
   * has lost the cluster (`hasleader`).
   */
  async stream<T>(method: Method<T>): Promise<Stream<T>> {
    try {
      return await this.#pool.withConnection(method.service, ({ resource, client, metadata }) =>
        this.#open(resource, client, metadata, method),
      );
    } catch (error) {
      throw this.#failed(translate(error, method.name));
    }
  }

  forgetToken(): void {
    // Not public in etcd3, and the only way to make it authenticate again.
    (this.#pool['authenticator'] as { invalidateMetadata(): void }).invalidateMetadata();
  }

  #open<T>(host: Host, client: Client, metadata: Metadata, method: Method<T>): Stream<T> {
    const withLeader = metadata.clone();
    withLeader.set('hasleader', 'true');
    const stream = client.makeBidiStreamRequest(
      pathOf(method),
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => method.decode(bytes),
      withLeader,
    );
    const blamable = Object.assign(stream, {
      blame: (cause: OrbweaverError) => this.#pool.markFailed(host, cause),
    });
    this.#streams.add(blamable);
    // A stream may fail while nobody reads it, which must not end the process.
    blamable.on('error', (error) => {
      const cause = translate(error, method.name);
      if (statusOf(error).code !== status.CANCELLED) blamable.blame(cause);
    });
    return blamable.once('status', () => this.#streams.delete(blamable));
  }

  #failed(error: OrbweaverError): OrbweaverError {
    // Cancelled by us, or answered with a refusal: etcd is there.
    if (error.code === 'ETCD_UNAVAILABLE') this.#status = { ...this.#status, ok: false, lastError: error };
    return error;
  }
}

function unaryCall<T>(
  client: Client,
  metadata: Metadata,
  method: Method<T>,
  request: Buffer,
  { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs: number },
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(method.name, signal));
      return;
    }
    let call: ClientUnaryCall | undefined;
    const cancel = (): void => call?.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    call = client.makeUnaryRequest(
      pathOf(method),
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => method.decode(bytes),
      request,
      metadata,
      { deadline: Date.now() + timeoutMs },
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error === null && response !== undefined) resolve(response);
        else if (signal?.aborted) reject(cancelled(method.name, signal));
        else if (isStaleToken(error)) reject(error);
        else reject(translate(error, method.name));
      },
    );
  });
}

function cancelled(action: string, signal: AbortSignal): OrbweaverError {
  return new OrbweaverError('CANCELLED', `etcd: ${action}: cancelled`, { cause: signal.reason });
}

const pathOf = (method: Method<unknown>): string => `/etcdserverpb.${method.service}/${method.name}`;

function poolOptions({ endpoints, tls, auth }: EtcdOptions, timeoutMs: number) {
  if (endpoints.length === 0) throw new OrbweaverError('INVALID_ARGUMENT', 'etcd: no endpoint is given');
  if (tls && (tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new OrbweaverError('INVALID_ARGUMENT', 'etcd: a client certificate and its key are given together');
  }
  const passingOver = new PassingOver();
  const scheme = tls ? 'https://' : 'http://';
  return {
    hosts: endpoints.map((endpoint) => (endpoint.includes('://') ? endpoint : scheme + endpoint)),
    grpcOptions: CHANNEL_OPTIONS,
    faultHandling: { host: () => passingOver.host(), global: noop },
    ...(tls && {
      credentials: {
        // Absent: the authorities that Node trusts. etcd3's types do not know that, gRPC does.
        rootCertificate: (tls.caFile && readFileSync(tls.caFile)) as Buffer,
        ...(tls.keyFile && { privateKey: readFileSync(tls.keyFile) }),
        ...(tls.certFile && { certChain: readFileSync(tls.certFile) }),
      },
    }),
    ...(auth && { auth: { ...auth, callOptions: () => ({ deadline: Date.now() + timeoutMs }) } }),
  };
}

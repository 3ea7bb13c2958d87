import { Client, credentials, type MethodDefinition, status, type ServiceError } from '@grpc/grpc-js';
import type { NodeRef } from '@app/resources';
import { callMetadata, StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';

/** Asks nodes. A connection each, as long as the node is registered under that address. */
export class NodeClients {
  private readonly clients = new Map<string, Client>();

  constructor(private readonly services: readonly ServiceNodes[]) {
    for (const nodes of services) nodes.onChange(() => this.closeUnused());
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  /** Its refusal comes as StatusError. */
  call<Q, A>(
    { address }: NodeRef,
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => call.cancel();
      const call = this.clientOf(address).makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        callMetadata(),
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, answer?: A) => {
          signal?.removeEventListener('abort', cancel);
          if (error === null) resolve(answer as A);
          else reject(new StatusError({ code: error.code, message: error.details }, { cause: error }));
        },
      );
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
    });
  }

  /** Read only as fast as it is iterated; ended with the iteration, or by the signal. */
  async *stream<Q, A>(
    { address }: NodeRef,
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    signal: AbortSignal,
    stepTimeoutMs = NO_LIMIT_MS,
  ): AsyncGenerator<A, void, undefined> {
    const call = this.clientOf(address).makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      callMetadata(),
    );
    let isLate = false;
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    const messages = call[Symbol.asyncIterator]() as AsyncIterator<A, void>;
    try {
      for (;;) {
        const late = setTimeout(() => {
          isLate = true;
          cancel();
        }, stepTimeoutMs);
        const { done, value } = await messages.next().finally(() => clearTimeout(late));
        if (done) return;
        yield value;
      }
    } catch (error) {
      signal.throwIfAborted();
      const { code, details: message } = error as ServiceError;
      const late = { code: status.DEADLINE_EXCEEDED, message: `the node at ${address} sends nothing` };
      throw new StatusError(isLate ? late : { code, message }, { cause: error });
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  }

  private clientOf(address: string): Client {
    let client = this.clients.get(address);
    if (client === undefined) {
      client = new Client(address, credentials.createInsecure(), CHANNEL);
      this.clients.set(address, client);
    }
    return client;
  }

  private closeUnused(): void {
    const used = new Set(this.services.flatMap((nodes) => nodes.all().map(({ address }) => address)));
    for (const [address, client] of this.clients) {
      if (used.has(address)) continue;
      client.close();
      this.clients.delete(address);
    }
  }
}

/** The longest that a timer can wait. */
const NO_LIMIT_MS = 2 ** 31 - 1;

const CHANNEL = {
  // Of a worker that vanished without a word a stream would learn nothing.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
};

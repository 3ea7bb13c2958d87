import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  status,
  type ServiceError,
} from '@grpc/grpc-js';
import { worker as workerProto } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';

/** Asks workers what they do. A connection each, as long as the worker is registered under that address. */
export class WorkerClients {
  private readonly clients = new Map<string, Client>();

  constructor(private readonly nodes: ServiceNodes) {
    nodes.onChange(() => this.closeUnused());
  }

  status(node: NodeRef, timeoutMs: number): Promise<workerProto.WorkerStatus> {
    return this.call(node, workerProto.WorkerService.getStatus, {}, timeoutMs);
  }

  tasks(node: NodeRef, names: string[], timeoutMs: number): Promise<workerProto.ListTasksResponse> {
    return this.call(node, workerProto.WorkerService.listTasks, { names }, timeoutMs);
  }

  pages(
    node: NodeRef,
    request: workerProto.ListPagesRequest,
    timeoutMs: number,
  ): Promise<workerProto.ListPagesResponse> {
    return this.call(node, workerProto.WorkerService.listPages, request, timeoutMs);
  }

  items(
    node: NodeRef,
    request: workerProto.ListItemsRequest,
    timeoutMs: number,
  ): Promise<workerProto.ListItemsResponse> {
    return this.call(node, workerProto.WorkerService.listItems, request, timeoutMs);
  }

  /** Read only as fast as it is iterated; ended with the iteration, or by the signal. No step takes longer than that. */
  async *exportItems(
    { address }: NodeRef,
    request: workerProto.ExportItemsRequest,
    stepTimeoutMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<workerProto.ExportChunk, void, undefined> {
    const { path, requestSerialize, responseDeserialize } = workerProto.WorkerService.exportItems;
    const call = this.clientOf(address).makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
    );
    let isLate = false;
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    const chunks = call[Symbol.asyncIterator]() as AsyncIterator<workerProto.ExportChunk, void>;
    try {
      for (;;) {
        const late = setTimeout(() => {
          isLate = true;
          cancel();
        }, stepTimeoutMs);
        const { done, value } = await chunks.next().finally(() => clearTimeout(late));
        if (done) return;
        yield value;
      }
    } catch (error) {
      signal.throwIfAborted();
      const { code, details: message } = error as ServiceError;
      const late = { code: status.DEADLINE_EXCEEDED, message: `the worker at ${address} sends nothing` };
      throw new StatusError(isLate ? late : { code, message }, { cause: error });
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  /** Its refusal comes as StatusError. */
  private call<Q, A>(
    { address }: NodeRef,
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Q, A>,
    request: Q,
    timeoutMs: number,
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      this.clientOf(address).makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, answer?: A) => {
          if (error === null) resolve(answer as A);
          else reject(new StatusError({ code: error.code, message: error.details }, { cause: error }));
        },
      );
    });
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
    const used = new Set(this.nodes.all().map(({ address }) => address));
    for (const [address, client] of this.clients) {
      if (used.has(address)) continue;
      client.close();
      this.clients.delete(address);
    }
  }
}

const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
};

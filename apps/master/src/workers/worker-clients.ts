import { worker as workerProto } from '@app/proto';
import type { NodeRef } from '@app/resources';
import type { NodeClients } from '../nodes/node-clients.js';

/** Asks workers what they do. */
export class WorkerClients {
  constructor(private readonly nodes: NodeClients) {}

  status(node: NodeRef, timeoutMs: number): Promise<workerProto.WorkerStatus> {
    return this.nodes.call(node, workerProto.WorkerService.getStatus, {}, timeoutMs);
  }

  tasks(node: NodeRef, names: string[], timeoutMs: number): Promise<workerProto.ListTasksResponse> {
    return this.nodes.call(node, workerProto.WorkerService.listTasks, { names }, timeoutMs);
  }

  pages(
    node: NodeRef,
    request: workerProto.ListPagesRequest,
    timeoutMs: number,
  ): Promise<workerProto.ListPagesResponse> {
    return this.nodes.call(node, workerProto.WorkerService.listPages, request, timeoutMs);
  }

  items(
    node: NodeRef,
    request: workerProto.ListItemsRequest,
    timeoutMs: number,
  ): Promise<workerProto.ListItemsResponse> {
    return this.nodes.call(node, workerProto.WorkerService.listItems, request, timeoutMs);
  }

  history(
    node: NodeRef,
    request: workerProto.GetHistoryRequest,
    timeoutMs: number,
  ): Promise<workerProto.History> {
    return this.nodes.call(node, workerProto.WorkerService.getHistory, request, timeoutMs);
  }

  hosts(node: NodeRef, name: string, timeoutMs: number): Promise<workerProto.ListHostsResponse> {
    return this.nodes.call(node, workerProto.WorkerService.listHosts, { name }, timeoutMs);
  }

  /** Given up when the signal fires. */
  tryPage(
    node: NodeRef,
    request: workerProto.TryPageRequest,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<workerProto.TriedPage> {
    return this.nodes.call(node, workerProto.WorkerService.tryPage, request, timeoutMs, signal);
  }

  /** No step takes longer than that. */
  exportItems(
    node: NodeRef,
    request: workerProto.ExportItemsRequest,
    stepTimeoutMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<workerProto.ExportChunk, void, undefined> {
    return this.nodes.stream(node, workerProto.WorkerService.exportItems, request, signal, stepTimeoutMs);
  }

  /** Without a limit it may say nothing for as long as its worker lives. */
  readLog(
    node: NodeRef,
    request: workerProto.ReadLogRequest,
    signal: AbortSignal,
    stepTimeoutMs?: number,
  ): AsyncGenerator<workerProto.LogLines, void, undefined> {
    return this.nodes.stream(node, workerProto.WorkerService.readLog, request, signal, stepTimeoutMs);
  }

  /** For as long as the worker lives. */
  watchTasks(node: NodeRef, signal: AbortSignal): AsyncIterable<workerProto.TaskChanges> {
    return this.nodes.stream(node, workerProto.WorkerService.watchTasks, {}, signal);
  }
}

import { process as proto, type worker } from '@app/proto';
import type { NodeRef } from '@app/resources';
import type { NodeClients } from './node-clients.js';

/** Asks nodes of either kind what they tell of their process. */
export class ProcessClients {
  constructor(private readonly nodes: NodeClients) {}

  status(node: NodeRef, timeoutMs: number): Promise<proto.ProcessStatus> {
    return this.nodes.call(node, proto.ProcessService.getProcess, {}, timeoutMs);
  }

  /** No step takes longer than that. */
  takeProfile(
    node: NodeRef,
    request: proto.ProfileRequest,
    stepTimeoutMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<worker.ExportChunk, void, undefined> {
    return this.nodes.stream(node, proto.ProcessService.takeProfile, request, signal, stepTimeoutMs);
  }
}

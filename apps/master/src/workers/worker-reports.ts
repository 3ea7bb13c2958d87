import { status } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import type { worker as workerProto } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { WorkerClients } from './worker-clients.js';

/** What workers say of their work: beside what a master knows itself, so it may be missing. */
export class WorkerReports {
  constructor(
    private readonly nodes: ServiceNodes,
    private readonly clients: WorkerClients,
  ) {}

  /** Undefined when the worker is not there, does not answer in time, or does not know the task (yet). */
  async task(nodeId: string, name: string): Promise<workerProto.TaskStatus | undefined> {
    const node = this.nodes.get(nodeId);
    return node && answered(this.clients.task(node, name, REPORT_TIMEOUT_MS));
  }

  /** By node id, of those that answer in time. */
  async statuses(): Promise<Map<string, workerProto.WorkerStatus>> {
    const deadlineAt = performance.now() + ALL_TIMEOUT_MS;
    const statuses = new Map<string, workerProto.WorkerStatus>();
    const rest = this.nodes.all().values();
    const ask = async (): Promise<void> => {
      for (const node of rest) {
        const leftMs = deadlineAt - performance.now();
        if (leftMs <= 0) return;
        const report = await answered(this.clients.status(node, Math.min(leftMs, REPORT_TIMEOUT_MS)));
        if (report !== undefined) statuses.set(node.id, report);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return statuses;
  }

  /** Of the store, which any worker can read: of the one that crawls it rather, else of another. */
  async pages(
    preferred: NodeRef | undefined,
    request: workerProto.ListPagesRequest,
  ): Promise<workerProto.ListPagesResponse> {
    const own = preferred && this.nodes.get(preferred.id);
    const others = this.nodes.all().filter(({ id }) => id !== own?.id);
    const candidates = (own === undefined ? others : [own, ...others]).slice(0, MAX_ASKED);
    if (candidates.length === 0) throw new OrbweaverError('NO_WORKER_NODES', 'no worker nodes');
    let failure: unknown;
    for (const node of candidates) {
      try {
        return await this.clients.pages(node, request, PAGES_TIMEOUT_MS);
      } catch (error) {
        if (!isUnanswered(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }
}

const REPORT_TIMEOUT_MS = 500;
const ALL_TIMEOUT_MS = 1_500;
const PAGES_TIMEOUT_MS = 5_000;
const AT_ONCE = 32;
const MAX_ASKED = 3;

async function answered<T>(report: Promise<T>): Promise<T | undefined> {
  try {
    return await report;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

function isUnanswered(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.code === status.UNAVAILABLE || error.status.code === status.DEADLINE_EXCEEDED)
  );
}

import { status } from '@grpc/grpc-js';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import type { worker as workerProto } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { WorkerClients } from './worker-clients.js';

/** What workers say of their work: beside what a master knows itself, so it may be missing. */
export class WorkerReports {
  private trialCount = 0;

  constructor(
    private readonly nodes: ServiceNodes,
    private readonly clients: WorkerClients,
  ) {}

  /**
   * One call for the tasks of each worker. Those whose worker is not there or does not answer in time are missing.
   */
  async tasks(wanted: readonly AssignedTask[]): Promise<Map<string, TaskReport>> {
    const reports = new Map<string, TaskReport>();
    await this.askAll(batches(wanted), async ({ nodeId, names }, timeoutMs) => {
      const node = this.nodes.get(nodeId);
      const report = node && (await answered(this.clients.tasks(node, names, timeoutMs)));
      if (report === undefined) return;
      for (const name of names) reports.set(name, 'unknown');
      for (const task of report.tasks) reports.set(task.name, task);
    });
    return reports;
  }

  /** Of one worker; undefined when it is not there or does not answer in time. */
  async status(nodeId: string): Promise<workerProto.WorkerStatus | undefined> {
    const node = this.nodes.get(nodeId);
    return node && answered(this.clients.status(node, REPORT_TIMEOUT_MS));
  }

  /** By node id, of those that answer in time. */
  async statuses(): Promise<Map<string, workerProto.WorkerStatus>> {
    const statuses = new Map<string, workerProto.WorkerStatus>();
    await this.askAll(this.nodes.all(), async (node, timeoutMs) => {
      const report = await answered(this.clients.status(node, timeoutMs));
      if (report !== undefined) statuses.set(node.id, report);
    });
    return statuses;
  }

  pages(
    preferred: NodeRef | undefined,
    request: workerProto.ListPagesRequest,
  ): Promise<workerProto.ListPagesResponse> {
    return this.fromStore(preferred, (node) => this.clients.pages(node, request, STORE_TIMEOUT_MS));
  }

  items(
    preferred: NodeRef | undefined,
    request: workerProto.ListItemsRequest,
  ): Promise<workerProto.ListItemsResponse> {
    return this.fromStore(preferred, (node) => this.clients.items(node, request, STORE_TIMEOUT_MS));
  }

  history(
    preferred: NodeRef | undefined,
    request: workerProto.GetHistoryRequest,
  ): Promise<workerProto.History> {
    return this.fromStore(preferred, (node) => this.clients.history(node, request, STORE_TIMEOUT_MS));
  }

  /** Of this worker: those of a task that it has not taken up are none. */
  async hosts({ id }: NodeRef, name: string): Promise<workerProto.ListHostsResponse> {
    const node = this.nodes.get(id);
    if (node === undefined) throw new OrbweaverError('UNAVAILABLE', `its worker ${id} is gone`);
    try {
      return await this.clients.hosts(node, name, STORE_TIMEOUT_MS);
    } catch (error) {
      if (isStatus(error, status.NOT_FOUND)) return { hosts: [] };
      throw error;
    }
  }

  /** From whichever worker answers. */
  tryPage(request: workerProto.TryPageRequest, signal: AbortSignal): Promise<workerProto.TriedPage> {
    const all = this.nodes.all();
    const first = all[this.trialCount++ % Math.max(1, all.length)];
    return this.fromStore(first, (node) => this.clients.tryPage(node, request, TRIAL_TIMEOUT_MS, signal));
  }

  /** What is kept of a log and, if that is asked for, each line to come. Resolves when its first lines are there. */
  readLog(
    preferred: NodeRef | undefined,
    request: workerProto.ReadLogRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<workerProto.LogLines>> {
    const stepTimeoutMs = request.follow ? undefined : STORE_TIMEOUT_MS;
    return this.fromStore(preferred, async (node) => {
      const lines = this.clients.readLog(node, request, signal, stepTimeoutMs);
      const first = await lines.next();
      return first.done ? nothing() : startingWith(first.value, lines);
    });
  }

  /** Resolves with its first chunk there: what goes wrong from then on breaks the iteration. */
  exportItems(
    preferred: NodeRef | undefined,
    request: workerProto.ExportItemsRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<workerProto.ExportChunk>> {
    return this.fromStore(preferred, async (node) => {
      const chunks = this.clients.exportItems(node, request, CHUNK_TIMEOUT_MS, signal);
      const first = await chunks.next();
      if (first.done) throw new OrbweaverError('UNAVAILABLE', `${node.id} sent nothing`);
      return startingWith(first.value, chunks);
    });
  }

  /**
   * Of the store, which any worker can read if it is shared: from the one that crawls it rather, else from another
   * that knows it.
   */
  private async fromStore<T>(preferred: NodeRef | undefined, ask: (node: NodeRef) => Promise<T>): Promise<T> {
    const own = preferred && this.nodes.get(preferred.id);
    const others = this.nodes.all().filter(({ id }) => id !== own?.id);
    const candidates = (own === undefined ? others : [own, ...others]).slice(0, MAX_ASKED);
    let failure: unknown = new OrbweaverError('NO_WORKER_NODES', 'no worker nodes');
    for (const [i, node] of candidates.entries()) {
      try {
        return await ask(node);
      } catch (error) {
        if (!isForAnother(error)) throw error;
        // That one does not answer says more than that another does not know it.
        if (i === 0 || !isStatus(error, status.NOT_FOUND)) failure = error;
      }
    }
    throw failure;
  }

  private async askAll<T>(
    all: readonly T[],
    ask: (one: T, timeoutMs: number) => Promise<void>,
  ): Promise<void> {
    const deadlineAt = performance.now() + ALL_TIMEOUT_MS;
    const rest = all.values();
    const next = async (): Promise<void> => {
      for (const one of rest) {
        const leftMs = deadlineAt - performance.now();
        if (leftMs <= 0) return;
        await ask(one, Math.min(leftMs, REPORT_TIMEOUT_MS));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }
}

/** `unknown`: its worker does not know it (yet). */
export type TaskReport = workerProto.TaskStatus | 'unknown';

export interface AssignedTask {
  readonly name: string;
  readonly nodeId: string;
}

const REPORT_TIMEOUT_MS = 500;
const ALL_TIMEOUT_MS = 1_500;
const STORE_TIMEOUT_MS = 5_000;
/** A worker reads a store for each, and may have others to serve. */
const CHUNK_TIMEOUT_MS = 30_000;
/** A page may be slow, and its host may have to be waited for. */
const TRIAL_TIMEOUT_MS = 60_000;
const AT_ONCE = 32;
const MAX_ASKED = 3;
/** What a worker takes in one call. */
const MAX_NAMES = 1_000;

function batches(wanted: readonly AssignedTask[]): { nodeId: string; names: string[] }[] {
  const batched: { nodeId: string; names: string[] }[] = [];
  const open = new Map<string, string[]>();
  for (const { name, nodeId } of wanted) {
    let names = open.get(nodeId);
    if (names === undefined || names.length === MAX_NAMES) {
      open.set(nodeId, (names = []));
      batched.push({ nodeId, names });
    }
    names.push(name);
  }
  return batched;
}

async function* nothing(): AsyncGenerator<never> {}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function answered<T>(report: Promise<T>): Promise<T | undefined> {
  try {
    return await report;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** Another worker, or the same one later, may know more. */
export function isForAnother(error: unknown): boolean {
  if (isOrbweaverError(error, 'NO_WORKER_NODES')) return true;
  return FOR_ANOTHER.some((code) => isStatus(error, code));
}

/** CANCELLED by a worker that ends. */
const FOR_ANOTHER = [status.UNAVAILABLE, status.CANCELLED, status.DEADLINE_EXCEEDED, status.NOT_FOUND];

function isStatus(error: unknown, code: status): boolean {
  return error instanceof StatusError && error.status.code === code;
}

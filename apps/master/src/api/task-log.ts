import { OrbweaverError } from '@app/errors';
import type { worker } from '@app/proto';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { pause } from '../leadership/pause.js';
import { isForAnother, type WorkerReports } from '../workers/worker-reports.js';

/**
 * What tasks have said, from a worker that can read the store. Whoever follows goes on with another worker where
 * one ends, from the last number that was told: no line is lost or told twice. While no worker answers it waits.
 * A line is taken from a worker only when the reader takes it.
 */
export class TaskLog {
  constructor(
    private readonly view: ClusterView,
    private readonly reports: WorkerReports,
    /** Fires when this master ends. */
    private readonly ending: AbortSignal,
  ) {}

  /** Resolves when the first lines of those that are kept are there, or none is. */
  async read(request: worker.ReadLogRequest, signal: AbortSignal): Promise<AsyncIterable<worker.LogLines>> {
    const { name, after, tail, follow } = request;
    if (after < 0n || tail < 0) throw new OrbweaverError('INVALID_ARGUMENT', 'after and tail are at least 0');
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    const owner = this.view.state.get(name)?.record.assignedNode;
    const kept = await this.reports
      .readLog(owner, { ...request, follow: false }, signal)
      .catch((error: unknown) => {
        if (follow && this.isKnown(name) && isForAnother(error)) return undefined;
        throw error;
      });
    return this.lines(request, kept, signal);
  }

  /** First of `kept`, which is undefined when no worker could tell. */
  private async *lines(
    request: worker.ReadLogRequest,
    kept: AsyncIterable<worker.LogLines> | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<worker.LogLines, void, undefined> {
    const { name } = request;
    let { after, tail } = request;
    let source = kept;
    /** All that was kept at the beginning has been told. */
    let isCaughtUp = false;
    let stuckAt = performance.now();
    for (;;) {
      const isLast = !this.isKnown(name);
      const follow = request.follow && isCaughtUp && !isLast;
      const turn = this.turn(name, signal);
      try {
        const owner = this.view.state.get(name)?.record.assignedNode;
        source ??= await this.reports.readLog(owner, { name, after, tail, follow }, turn.signal);
        for await (const lines of source) {
          after = lines.lines.at(-1)?.number ?? after;
          tail = 0;
          yield lines;
          stuckAt = performance.now();
        }
        if (!request.follow || isLast) return;
        isCaughtUp = true;
        tail = 0;
        if (!follow) continue;
      } catch (error) {
        if (signal.aborted) return;
        if (this.ending.aborted) throw new OrbweaverError('UNAVAILABLE', 'this master is stopping');
        // Nobody knows it any more.
        if (isLast && isCaughtUp) return;
        if (!turn.signal.aborted) {
          const isPatient = request.follow ? this.isKnown(name) : performance.now() < stuckAt + PATIENCE_MS;
          if (!isPatient || !isForAnother(error)) throw error;
        }
      } finally {
        source = undefined;
        turn.end();
      }
      await pause(AGAIN_MS, signal);
      if (signal.aborted) return;
    }
  }

  private isKnown(name: string): boolean {
    return this.view.state.get(name) !== undefined;
  }

  /** Its signal fires when the task is elsewhere than it is now: who has it knows best. */
  private turn(name: string, signal: AbortSignal): { signal: AbortSignal; end: () => void } {
    const over = new AbortController();
    const place = this.place(name);
    const look = (): void => {
      if (signal.aborted || this.ending.aborted || this.place(name) !== place) over.abort();
    };
    const unsubscribe = this.view.subscribe({
      resourceChanged: (changed) => {
        if (changed === name) look();
      },
      nodesChanged: look,
      replaced: look,
    });
    for (const end of [signal, this.ending]) end.addEventListener('abort', look);
    look();
    return {
      signal: over.signal,
      end: () => {
        unsubscribe();
        for (const end of [signal, this.ending]) end.removeEventListener('abort', look);
      },
    };
  }

  private place(name: string): string {
    const { state } = this.view;
    const found = state.get(name);
    if (found === undefined) return 'deleted';
    const id = found.record.assignedNode?.id;
    const node = id === undefined ? undefined : state.node(id);
    return node === undefined || node.goneAt !== undefined ? 'nowhere' : `${node.id} at ${node.address}`;
  }
}

const AGAIN_MS = 200;
/** Of a reader that does not follow. */
const PATIENCE_MS = 10_000;

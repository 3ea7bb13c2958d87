import type { Logger } from '@app/observability';
import {
  planDrain,
  planRebalance,
  planReconcile,
  planUnassigned,
  planWorkerGone,
  type Change,
  type ClusterState,
} from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { Assigner } from './assigner.js';
import type { Changes } from './changes.js';

export interface ReconcilerOptions {
  /** How long a worker may be missing before its resources move. */
  readonly workerGraceMs: number;
  /** Steps of a rebalance or a drain: at most so many resources, at least so far apart. */
  readonly stepMoves: number;
  readonly stepIntervalMs: number;
}

/**
 * Brings the resources to where they belong, turn by turn, from what the view says: resources of workers that
 * are gone, resources without a worker, records and assignments that disagree since others wrote them, drains,
 * and a share for workers that joined. It keeps nothing of its own between two turns, so it matters little
 * which turn fails: the next one sees what is left.
 */
export class Reconciler {
  private steppedAt = -Infinity;
  private dueAt = -Infinity;
  private rearm: () => void = () => undefined;
  /** Drained nodes that are not registered, and since when. */
  private readonly missed = new Map<string, number>();

  constructor(
    private readonly view: Pick<ClusterView, 'state' | 'subscribe'>,
    private readonly leader: {
      readonly changes: Pick<Changes, 'commit'>;
      readonly assigner: Pick<Assigner, 'undrain'>;
    },
    private readonly options: ReconcilerOptions,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Until the signal fires: the end of the term. */
  async run(signal: AbortSignal): Promise<void> {
    const unsubscribe = this.view.subscribe({
      applied: () => this.wake(SETTLE_MS),
      nodesChanged: () => this.wake(0),
      replaced: () => this.wake(0),
    });
    try {
      while (!signal.aborted) {
        this.dueAt = Infinity;
        this.wake(await this.turn(signal));
        await this.untilDue(signal);
      }
    } finally {
      unsubscribe();
    }
  }

  /** Does what is due now, and tells in how many milliseconds the next turn is due if nothing happens. */
  private async turn(signal: AbortSignal): Promise<number> {
    const { state } = this.view;
    const { changes, assigner } = this.leader;
    const urgent = this.urgent(state);
    const stepDueMs = this.steppedAt + this.options.stepIntervalMs - this.now();
    const steps = stepDueMs > 0 ? [] : this.steps(state);
    if (steps.length > 0) this.steppedAt = this.now();
    const settled = await Promise.allSettled([
      ...[...urgent, ...steps].map((change) => changes.commit(state, change)),
      ...this.forgottenDrains(state).map((id) => assigner.undrain(id)),
    ]);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined && !signal.aborted) {
      this.logger.warn({ error: String(failed.reason) }, 'changes were not written and are planned anew');
      return RETRY_MS;
    }
    if (urgent.length > 0) return 0;
    const nextStepMs = steps.length > 0 ? this.options.stepIntervalMs : stepDueMs;
    return Math.min(nextStepMs > 0 ? nextStepMs : Infinity, this.idleMs(state));
  }

  /** What must not wait: resources that no worker crawls, or that two keys say different things of. */
  private urgent(state: ClusterState): Change[] {
    const changes: Change[] = [];
    for (const { id, goneAt } of state.nodes()) {
      if (goneAt === undefined || this.now() - goneAt < this.options.workerGraceMs) continue;
      changes.push(...planWorkerGone(state, id, MAX_TURN - changes.length));
    }
    if (state.unassignedCount > 0) changes.push(...planUnassigned(state, MAX_TURN - changes.length));
    changes.push(...planReconcile(state, MAX_TURN - changes.length));
    return changes;
  }

  private steps(state: ClusterState): Change[] {
    const { stepMoves } = this.options;
    const changes: Change[] = [];
    for (const { id, draining, goneAt } of state.nodes()) {
      if (draining && goneAt === undefined) changes.push(...planDrain(state, id, stepMoves - changes.length));
    }
    changes.push(...planRebalance(state, stepMoves - changes.length));
    return changes;
  }

  /** A drain is about a worker that is there; what comes under its id after it left is another. */
  private forgottenDrains(state: ClusterState): string[] {
    const missing = state.drainedIds().filter((id) => {
      const node = state.node(id);
      return node === undefined || node.goneAt !== undefined;
    });
    for (const id of this.missed.keys()) if (!missing.includes(id)) this.missed.delete(id);
    for (const id of missing) if (!this.missed.has(id)) this.missed.set(id, this.now());
    return missing.filter((id) => this.now() - (this.missed.get(id) ?? 0) >= DRAIN_GRACE_MS);
  }

  /** Until the next grace is over. */
  private idleMs(state: ClusterState): number {
    let ms = IDLE_MS;
    for (const { goneAt } of state.nodes()) {
      const leftMs = goneAt === undefined ? 0 : goneAt + this.options.workerGraceMs - this.now();
      if (leftMs > 0) ms = Math.min(ms, leftMs);
    }
    return ms;
  }

  private wake(afterMs: number): void {
    const at = this.now() + afterMs;
    if (at >= this.dueAt) return;
    this.dueAt = at;
    this.rearm();
  }

  private untilDue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const end = (): void => {
        clearTimeout(timer);
        this.rearm = () => undefined;
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.rearm = () => {
        clearTimeout(timer);
        timer = setTimeout(end, Math.ceil(Math.max(0, this.dueAt - this.now())));
      };
      this.rearm();
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}

/** Events come in bursts, and those of one transaction not always in one batch. */
const SETTLE_MS = 50;
const RETRY_MS = 200;
const IDLE_MS = 1_000;
/** Bounds what one turn holds in flight, and so how long a caller's add waits behind it. */
const MAX_TURN = 2_048;
/** Longer than a worker takes to register again after it has lost etcd. */
const DRAIN_GRACE_MS = 10_000;

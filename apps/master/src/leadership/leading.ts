import { OrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';
import type { Logger } from '@app/observability';
import { keys } from '@app/resources';
import { Assigner } from '../assignment/assigner.js';
import { Changes } from '../assignment/changes.js';
import { Committer } from '../assignment/committer.js';
import { IdSource } from '../assignment/id-source.js';
import { Reconciler, type ReconcilerOptions } from '../assignment/reconciler.js';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { MasterMetrics } from '../master-metrics.js';
import { Runs } from '../runs/runs.js';
import { Scheduler, type TaskPort } from '../schedules/scheduler.js';
import type { Term } from './candidacy.js';
import { Latest } from './latest.js';

/**
 * This master as the leader: `present` is what it leads with, undefined while it does not. Whoever took it from
 * there may go on using it after the term: it then refuses, or etcd does.
 */
export class Leading {
  readonly present = new Latest<Lead | undefined>(undefined);

  constructor(
    private readonly etcd: EtcdClient,
    private readonly view: ClusterView,
    private readonly tasks: TaskPort,
    private readonly options: ReconcilerOptions,
    private readonly metrics: MasterMetrics,
    private readonly logger: Logger,
  ) {}

  /** NOT_LEADER sends the caller's call on to who leads. */
  get assigner(): Assigner {
    return this.presentLead().assigner;
  }

  get runs(): Runs {
    return this.presentLead().runs;
  }

  private presentLead(): Lead {
    const { value } = this.present;
    if (value === undefined) throw new OrbweaverError('NOT_LEADER', 'this master does not lead');
    return value;
  }

  /** One term, until it is lost or `stopping` fires; then what is in flight is finished first. */
  async lead({ leadership, nodeNumber }: Term, stopping: AbortSignal): Promise<void> {
    const { etcd, view, metrics, logger } = this;
    const startedAt = performance.now();
    const committer = new Committer(etcd, leadership, { observe: metrics.committed });
    const over = AbortSignal.any([leadership.signal, stopping]);
    try {
      const ids = await IdSource.open(committer, nodeNumber);
      const changes = new Changes(view, committer, metrics.planned);
      const assigner = new Assigner(view, changes, committer, ids, logger);
      const runs = new Runs(view, changes, committer);
      metrics.termBegan(leadership.term);
      this.present.set({ assigner, runs });
      logger.info({ resources: view.state.size, ms: Math.round(performance.now() - startedAt) }, 'leading');
      await Promise.all([
        new Reconciler(view, { changes, assigner }, this.options, logger).run(over),
        new Scheduler({ etcd, view, runs, tasks: this.tasks }, metrics.schedules, logger).run(over),
        this.findOrphanSpecs(over),
      ]);
    } finally {
      this.present.set(undefined);
      metrics.termEnded();
      if (!leadership.signal.aborted) await withinMs(committer.close(), LAST_COMMITS_MS);
    }
  }

  /** A program that knows nothing of specs may have deleted a record while nobody of us led. */
  private async findOrphanSpecs(signal: AbortSignal): Promise<void> {
    const { state } = this.view;
    try {
      for await (const { entries } of this.etcd.list(keys.specs, { keysOnly: true, signal })) {
        for (const { key, modRevision } of entries) state.apply({ key, value: '', modRevision });
      }
    } catch (error) {
      if (!signal.aborted)
        this.logger.warn({ error: String(error) }, 'specs without a resource were not looked for');
    }
  }
}

interface Lead {
  readonly assigner: Assigner;
  readonly runs: Runs;
}

/** A caller must not wait longer for what etcd does not answer than the next leader needs to take over. */
const LAST_COMMITS_MS = 1_000;

async function withinMs(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

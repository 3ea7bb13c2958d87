import { isOrbweaverError, OrbweaverError } from '@app/errors';
import { cluster } from '@app/proto';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { taskMessage } from '../cluster-view/task-message.js';
import { Feeds } from '../live/feeds.js';
import type { Pulse } from '../live/pulse.js';
import { whenChanged, type Made } from '../live/when-changed.js';
import type { TaskIndex } from '../task-index/task-index.js';
import type { ResourceDetail, ResourceDetails } from './resource-details.js';

/** Single resources, for those who watch them. */
export class LiveResources {
  private readonly feeds: Feeds<cluster.Resource>;

  constructor(
    private readonly view: ClusterView,
    private readonly index: TaskIndex,
    private readonly details: ResourceDetails,
    /** Of the view and the index. */
    private readonly pulse: Pulse,
    /** Fires when this master ends. */
    ending: AbortSignal,
  ) {
    this.feeds = new Feeds(ending);
  }

  /** As it is now, then whenever it is another, until it is deleted. */
  watch({ name }: cluster.GetResourceRequest, signal: AbortSignal): AsyncIterable<cluster.Resource> {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    if (this.view.state.get(name) === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    return this.feeds.follow(name, (until) => this.values(name, until), signal);
  }

  private async *values(name: string, signal: AbortSignal): AsyncGenerator<cluster.Resource> {
    let detail: ResourceDetail | undefined;
    let readAt = 0;
    const read = async (): Promise<Made<cluster.Resource> | undefined> => {
      const { version } = this.pulse;
      const isOld = readAt === 0 || performance.now() - readAt > OLD_MS;
      if (detail === undefined || isOld || !this.index.knows(detail.record.assignedNode?.id ?? '')) {
        readAt = performance.now();
        const now = await this.details.read(name);
        detail = { ...now, ...(now.control === undefined && detail !== undefined ? beside(detail) : {}) };
      }
      const { record, revision, report, ...more } = detail;
      const task = this.index.status(record.assignedNode?.id ?? '', name) ?? report;
      return {
        value: resourceMessage(record, revision, { ...more, task: taskMessage(record, task) }),
        version,
      };
    };
    const reread = (): void => {
      readAt = 0;
    };
    const unsubscribe = this.view.subscribe({
      resourceChanged: (changed) => {
        if (changed === name) reread();
      },
      replaced: reread,
    });
    try {
      yield* whenChanged(
        {
          make: () => read().catch(endIfGone),
          encode: (resource) => cluster.Resource.encode(resource).finish(),
          pulse: this.pulse,
          gapMs: 500,
          idleMs: OLD_MS,
        },
        signal,
      );
    } finally {
      unsubscribe();
    }
  }
}

/** What etcd tells beside the record is read again after that time, changed or not. */
const OLD_MS = 10_000;

/** While etcd does not answer, it is told as it was known last. */
function beside({ spec, control, nextRunAt }: ResourceDetail): Partial<ResourceDetail> {
  return { spec, control, nextRunAt };
}

function endIfGone(error: unknown): undefined {
  if (!isOrbweaverError(error, 'NOT_FOUND')) throw error;
}

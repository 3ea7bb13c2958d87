import { cluster } from '@app/proto';
import { Feeds } from '../live/feeds.js';
import type { Pulse } from '../live/pulse.js';
import { whenChanged, type Made } from '../live/when-changed.js';
import type { EtcdHealth } from '../etcd-health/etcd-health.js';
import type { Masters } from './masters.js';
import type { Nodes } from './nodes.js';
import type { ResourceLists } from './resource-lists.js';

/** The whole cluster, for those who watch it. */
export class LiveCluster {
  private readonly feeds: Feeds<cluster.ClusterStatus>;

  constructor(
    private readonly masters: Masters,
    private readonly nodes: Nodes,
    private readonly lists: ResourceLists,
    private readonly etcd: EtcdHealth,
    /** Of who is there, who leads and who is drained. */
    private readonly pulse: Pulse,
    /** Fires when this master ends. */
    ending: AbortSignal,
  ) {
    this.feeds = new Feeds(ending);
  }

  /** As it is now, then whenever it is another: figures once a second, whatever is there or leads at once. */
  watch(signal: AbortSignal): AsyncIterable<cluster.ClusterStatus> {
    const values = (until: AbortSignal): AsyncIterable<cluster.ClusterStatus> =>
      whenChanged(
        {
          make: () => this.read(),
          encode: (status) => cluster.ClusterStatus.encode(status).finish(),
          pulse: this.pulse,
          gapMs: AT_ONCE_MS,
          idleMs: FIGURES_MS - AT_ONCE_MS,
        },
        until,
      );
    return this.feeds.follow('', values, signal);
  }

  private async read(): Promise<Made<cluster.ClusterStatus>> {
    const { version } = this.pulse;
    const [nodes, counts] = await Promise.all([this.nodes.list(), this.lists.counts()]);
    return { value: { ...this.masters.list(), ...nodes, etcd: this.etcd.present.value, counts }, version };
  }
}

const AT_ONCE_MS = 100;
const FIGURES_MS = 1_000;

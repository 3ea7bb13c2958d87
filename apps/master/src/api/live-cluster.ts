import { cluster, type process as proto, type worker } from '@app/proto';
import type { EtcdHealth } from '../etcd-health/etcd-health.js';
import { pause } from '../leadership/pause.js';
import { Feeds } from '../live/feeds.js';
import type { Pulse } from '../live/pulse.js';
import { whenChanged } from '../live/when-changed.js';
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

  /** As it is now, then whenever it is another: figures once a second, who is there and who leads at once. */
  watch(signal: AbortSignal): AsyncIterable<cluster.ClusterStatus> {
    return this.feeds.follow('', (until) => this.values(until), signal);
  }

  private async *values(signal: AbortSignal): AsyncGenerator<cluster.ClusterStatus> {
    const figures = new Figures(this.masters, this.nodes, this.pulse);
    void figures.run(signal);
    await this.pulse.since(this.pulse.version, signal, FIRST_FIGURES_MS);
    const make = (): { value: cluster.ClusterStatus; version: number } => {
      const { version } = this.pulse;
      const { processes, statuses } = figures.present;
      const nodes = this.nodes.known(statuses);
      const counts = this.lists.counts();
      return {
        value: { ...this.masters.known(processes), nodes, etcd: this.etcd.present.value, counts },
        version,
      };
    };
    const encode = (status: cluster.ClusterStatus): Uint8Array =>
      cluster.ClusterStatus.encode(status).finish();
    yield* whenChanged({ make, encode, pulse: this.pulse, gapMs: AT_ONCE_MS, idleMs: FIGURES_MS }, signal);
  }
}

/** What nodes say of themselves, read beside: one that does not answer holds up nothing. */
class Figures {
  private known: Known = { processes: new Map(), statuses: new Map() };
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly masters: Pick<Masters, 'figures'>,
    private readonly nodes: Pick<Nodes, 'statuses'>,
    private readonly pulse: Pulse,
  ) {}

  get present(): Known {
    if (this.failure !== undefined) throw this.failure.error;
    return this.known;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const [processes, statuses] = await Promise.all([this.masters.figures(), this.nodes.statuses()]);
        this.known = { processes, statuses };
        this.pulse.beat();
        await pause(FIGURES_MS, signal);
      }
    } catch (error) {
      this.failure = { error };
    }
  }
}

interface Known {
  readonly processes: ReadonlyMap<string, proto.ProcessStatus>;
  readonly statuses: ReadonlyMap<string, worker.WorkerStatus>;
}

const AT_ONCE_MS = 100;
const FIGURES_MS = 1_000;
const FIRST_FIGURES_MS = 300;

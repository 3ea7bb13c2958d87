import type { Metrics } from '@app/observability';
import type { cluster } from '@app/proto';
import type { ClusterView } from './cluster-view/cluster-view.js';
import type { ScheduleMetrics } from './schedules/scheduler.js';
import type { ForwardOutcome } from './forwarding/forwarding.js';

/** What a master tells Prometheus beyond what every service does. */
export class MasterMetrics {
  readonly committed: (writes: number, ms: number, succeeded: boolean) => void;
  readonly planned: (ms: number) => void;
  readonly forwarded: (outcome: ForwardOutcome) => void;
  readonly schedules: ScheduleMetrics;
  readonly etcdSeen: (health: cluster.EtcdHealth, tookMs: number | undefined) => void;
  private readonly term;
  private readonly leads;
  private readonly elections;

  constructor(metrics: Metrics) {
    const commitSeconds = metrics.histogram(
      'orbweaver_commit_duration_seconds',
      'From sending a transaction of the leader to its answer.',
      ['result'],
    );
    const batch = metrics.histogram(
      'orbweaver_commit_batch_size',
      'Changes in one transaction of the leader.',
      [],
      [1, 2, 4, 8, 16, 32, 64, 128],
    );
    this.committed = (writes, ms, succeeded) => {
      commitSeconds.observe({ result: succeeded ? 'committed' : 'refused' }, ms / 1000);
      batch.observe(writes);
    };
    const planSeconds = metrics.histogram(
      'orbweaver_plan_duration_seconds',
      'Planning one change.',
      [],
      [0.000_01, 0.000_1, 0.001, 0.01, 0.1],
    );
    this.planned = (ms) => planSeconds.observe(ms / 1000);
    const forwards = metrics.counter(
      'orbweaver_forwards_total',
      'Calls that only the leader can answer, by what became of them on their way to it.',
      ['outcome'],
    );
    this.forwarded = (outcome) => forwards.inc({ outcome });
    this.schedules = scheduleMetrics(metrics);
    this.etcdSeen = etcdMetrics(metrics);
    this.term = metrics.gauge(
      'orbweaver_term',
      'Term of this master: the create revision of its key. 0 while it does not lead.',
    );
    this.leads = metrics.gauge('orbweaver_leads', '1 while this master leads.');
    this.elections = metrics.counter('orbweaver_elections_won_total', 'Terms that this master began.');
  }

  termBegan = (term: bigint): void => {
    this.term.set(Number(term));
    this.leads.set(1);
    this.elections.inc();
  };

  termEnded = (): void => {
    this.term.set(0);
    this.leads.set(0);
  };
}

function etcdMetrics(metrics: Metrics): MasterMetrics['etcdSeen'] {
  const ok = metrics.gauge('orbweaver_etcd_ok', '1 while this master can read and write etcd.');
  const answering = metrics.gauge('orbweaver_etcd_members_answering', 'Endpoints of etcd that answer.');
  const bytes = metrics.gauge('orbweaver_etcd_database_bytes', 'The largest database of a member.');
  const roundTripSeconds = metrics.histogram(
    'orbweaver_etcd_round_trip_seconds',
    'A read and a write after it, as this master tries every few seconds.',
  );
  return (health, tookMs) => {
    const members = health.members.filter(({ error }) => error === '');
    ok.set(health.ok ? 1 : 0);
    answering.set(members.length);
    bytes.set(Math.max(0, ...members.map(({ size }) => Number(size))));
    if (tookMs !== undefined) roundTripSeconds.observe(tookMs / 1_000);
  };
}

function scheduleMetrics(metrics: Metrics): ScheduleMetrics {
  const scheduled = metrics.gauge('orbweaver_schedules', 'Schedules, on the master that leads.');
  const settled = metrics.counter(
    'orbweaver_schedule_firings_total',
    'Firings that were due: fired, skipped (a run was under way), paused (the resource was).',
    ['outcome'],
  );
  const lateSeconds = metrics.histogram(
    'orbweaver_schedule_late_seconds',
    'From when a run was due to its beginning.',
    [],
    [0.01, 0.1, 0.5, 1, 5, 10, 60, 600, 3_600],
  );
  return {
    scheduled: (count) => scheduled.set(count),
    settled: (outcome) => settled.inc({ outcome }),
    late: (ms) => lateSeconds.observe(ms / 1000),
  };
}

/** What is read from the view when Prometheus asks. */
export function viewMetrics(metrics: Metrics, view: ClusterView): void {
  metrics.gauge('orbweaver_resources', 'Resources in the view.', [], (gauge) => gauge.set(view.state.size));
  metrics.gauge('orbweaver_resources_unassigned', 'Resources without a worker.', [], (gauge) =>
    gauge.set(view.state.unassignedCount),
  );
  metrics.gauge('orbweaver_view_stale_seconds', 'How long the watch has been interrupted.', [], (gauge) =>
    gauge.set(view.staleMs / 1000),
  );
  metrics.gauge('orbweaver_view_revision', 'The newest revision that the watch has brought.', [], (gauge) =>
    gauge.set(Number(view.seenRevision)),
  );
  metrics.gauge(
    'orbweaver_view_loads',
    'Snapshots that were loaded: the first, and one for each gap.',
    [],
    (gauge) => gauge.set(view.loads),
  );
  metrics.gauge('orbweaver_worker_load', 'Resources of a worker.', ['node'], (gauge) => {
    gauge.reset();
    for (const { id, load } of view.state.nodes().slice(0, MAX_NODES_SHOWN)) gauge.set({ node: id }, load);
  });
}

/** A label must stay bounded, however large the cluster. */
const MAX_NODES_SHOWN = 500;

import type { PageResult } from '@app/crawl';
import type { Metrics } from '@app/observability';
import type { FeedState } from './assignment/assignment-feed.js';
import type { TaskState } from './assignment/seat.js';

/** What is read when Prometheus asks. */
export interface WorkerFigures {
  taskCounts(): Record<TaskState, number>;
  claimCount(): number;
  claimWaitCount(): number;
  feed(): FeedState;
  leaseRemainingMs(): number;
}

/** What a worker tells Prometheus beyond what every service does. */
export function workerMetrics(metrics: Metrics, figures: WorkerFigures): (result: PageResult) => void {
  metrics.gauge('orbweaver_tasks', 'Resources assigned to this worker, by state.', ['state'], (gauge) => {
    for (const [state, count] of Object.entries(figures.taskCounts())) gauge.set({ state }, count);
  });
  metrics.gauge('orbweaver_claims', 'Resources that this worker holds the claim of.', [], (gauge) =>
    gauge.set(figures.claimCount()),
  );
  metrics.gauge('orbweaver_claim_waits', 'Resources that another worker has not stopped yet.', [], (gauge) =>
    gauge.set(figures.claimWaitCount()),
  );
  metrics.gauge(
    'orbweaver_watch_interrupted_seconds',
    'For how long the watch of the assignments has been interrupted; 0 while it stands.',
    [],
    (gauge) => {
      const { interruptedAt } = figures.feed();
      gauge.set(interruptedAt === undefined ? 0 : (performance.now() - interruptedAt) / 1000);
    },
  );
  metrics.gauge('orbweaver_watch_revision', 'Revision up to which the assignments are known.', [], (gauge) =>
    gauge.set(Number(figures.feed().revision)),
  );
  metrics.gauge(
    'orbweaver_lease_remaining_seconds',
    'How long the registration can be relied on without another renewal; 0 without one.',
    [],
    (gauge) => gauge.set(Math.max(0, figures.leaseRemainingMs()) / 1000),
  );
  const pages = metrics.counter('orbweaver_pages_total', 'Pages finished, by what came of them.', ['state']);
  const bytes = metrics.counter('orbweaver_page_bytes_total', 'Bytes of bodies read, after decompression.');
  return (result) => {
    pages.inc({ state: result.state });
    bytes.inc(result.bytes);
  };
}

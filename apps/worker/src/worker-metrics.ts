import type { CrawlObserver, HostWait } from '@app/crawl';
import type { FetchAnswer, Fetcher, FetchRequest } from '@app/fetch';
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
  /** Of all tasks that run here. */
  hostWaits(): HostWait[];
  queuedPageCount(): Promise<number>;
}

/** What a worker tells Prometheus beyond what every service does. No label is a name: there may be any number. */
export function workerMetrics(metrics: Metrics, figures: WorkerFigures): CrawlObserver {
  ofCluster(metrics, figures);
  metrics.gauge(
    'orbweaver_frontier_pages',
    'Pages that are queued or wait for another attempt, of the tasks that run here.',
    [],
    async (gauge) => gauge.set(await figures.queuedPageCount()),
  );
  metrics.gauge(
    'orbweaver_hosts_waiting',
    'Hosts of running tasks that are not asked at present, by what they wait for.',
    ['for'],
    (gauge) => {
      gauge.reset();
      for (const { for: what } of figures.hostWaits()) gauge.inc({ for: what });
    },
  );
  const pages = metrics.counter('orbweaver_pages_total', 'Pages finished, by what came of them.', ['state']);
  const items = metrics.counter('orbweaver_items_total', 'Items stored.');
  const bytes = metrics.counter('orbweaver_page_bytes_total', 'Bytes of bodies read, after decompression.');
  const acks = metrics.histogram(
    'orbweaver_store_ack_seconds',
    'How long a transaction of the store took that settles pages.',
  );
  const waits = metrics.histogram(
    'orbweaver_gate_wait_seconds',
    'How long a page waited for its host, from being taken out of the frontier to its request.',
    [],
    GATE_BUCKETS,
  );
  return {
    page(_, result) {
      pages.inc({ state: result.state });
      bytes.inc(result.bytes);
      items.inc(result.items.length);
    },
    acked(_, tookMs) {
      acks.observe(tookMs / 1_000);
    },
    waited(ms) {
      waits.observe(ms / 1_000);
    },
  };
}

const GATE_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** Fetchers that tell how long their answers took, robots.txt among them. */
export function measuring(metrics: Metrics): (fetcher: Fetcher) => Fetcher {
  const durations = metrics.histogram(
    'orbweaver_fetch_seconds',
    'From a request to the last byte of its answer, by what came of it.',
    ['outcome'],
    FETCH_BUCKETS,
  );
  return (fetcher) => ({
    async fetch(request: FetchRequest): Promise<FetchAnswer> {
      const startedAt = performance.now();
      const answer = await fetcher.fetch(request);
      durations.observe({ outcome: answer.kind }, (performance.now() - startedAt) / 1_000);
      return answer;
    },
    close: () => fetcher.close(),
  });
}

const FETCH_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

function ofCluster(metrics: Metrics, figures: WorkerFigures): void {
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
}

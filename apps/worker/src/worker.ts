import { setTimeout as delay } from 'node:timers/promises';
import { etcdAccess } from '@app/config';
import type { CrawlStore } from '@app/crawl';
import { EtcdClient, type Session } from '@app/etcd';
import type { Condition, Logger, Metrics, Readiness } from '@app/observability';
import { descriptorSet } from '@app/proto';
import { endpointsOf, nodeId, Registration, WORKER_SERVICE, type RegistrationState } from '@app/registry';
import { parseStoreUrl } from '@app/storage';
import { AssignmentFeed } from './assignment/assignment-feed.js';
import { pause } from './assignment/pause.js';
import { Roster } from './assignment/roster.js';
import { Slots } from './assignment/slots.js';
import { TaskBoard } from './board/task-board.js';
import { Claims } from './claims/claims.js';
import { Crawling } from './crawling/crawling.js';
import { LifeCycle } from './life-cycle/life-cycle.js';
import type { WorkerSettings } from './settings.js';
import { PageTrials } from './preview/page-trials.js';
import { StoredLogs } from './results/stored-logs.js';
import { StoredResults } from './results/stored-results.js';
import { TaskReports } from './status/task-reports.js';
import { WorkerStatus } from './status/worker-status.js';
import { StoreCondition } from './store/store-condition.js';
import { watchedStore } from './store/watched-store.js';
import { LogBells } from './task-log/log-bells.js';
import { TaskLog } from './task-log/task-log.js';
import { SpecSource } from './tasks/spec-source.js';
import { catalogOf } from './tasks/task-catalog.js';
import { measuring, workerMetrics } from './worker-metrics.js';
import type { WorkerApi } from './worker.module.js';

/**
 * The parts of a worker and their life: made first, `start`ed with the address that others are told, then ended
 * in the order `drain`, `deregister`, `close`. It crawls only while its registration can be relied on; while
 * etcd is away it waits, and takes up its assignments again when it is registered again.
 */
export class Worker {
  readonly lifeCycle: LifeCycle;
  readonly api: WorkerApi;
  readonly #nodeId: string;
  readonly #etcd: EtcdClient;
  readonly #store: CrawlStore;
  readonly #taskLog: TaskLog;
  readonly #crawling: Crawling;
  readonly #claims: Claims;
  readonly #roster: Roster;
  readonly #feed: AssignmentFeed;
  readonly #registered: Condition;
  readonly #followed: Condition;
  readonly #draining = new AbortController();
  /** Ends what is followed. */
  readonly #ending = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #delivering: Promise<void> = Promise.resolve();
  #reporting: Promise<unknown> = Promise.resolve();
  #registration: Registration | undefined;
  #session: Session | undefined;
  #runningCount = 0;

  constructor(
    id: string,
    private readonly settings: WorkerSettings,
    store: CrawlStore,
    private readonly logger: Logger,
    metrics: Metrics,
    readiness: Readiness,
  ) {
    this.#nodeId = nodeId(WORKER_SERVICE, id);
    const condition = new StoreCondition(parseStoreUrl(settings.store, settings.dataDir).kind);
    const bells = new LogBells();
    this.#store = watchedStore(store, {
      called: (error) => condition.called(error),
      committed: (tookMs) => condition.committed(tookMs),
      logged: (name) => bells.ring(name),
    });
    this.#taskLog = new TaskLog(this.#store.logs, this.#nodeId, settings.taskLogLevel, logger);
    this.#etcd = new EtcdClient(etcdAccess(settings));
    this.#claims = new Claims(this.#etcd, this.#nodeId);
    this.#registered = readiness.condition('registration', 'not registered yet');
    this.#followed = readiness.condition('assignments', 'the assignments are not loaded yet');
    this.lifeCycle = new LifeCycle((state, before) => logger.info({ state, before }, 'state'));
    const counted = workerMetrics(metrics, {
      taskCounts: () => this.#roster.counts(),
      claimCount: () => this.#claims.heldCount,
      claimWaitCount: () => this.#claims.waitingCount,
      feed: () => this.#feed.state,
      leaseRemainingMs: () => this.#session?.remainingMs() ?? 0,
      hostWaits: () => this.#roster.running().flatMap((name) => this.#crawling.crawler.waits(name)),
      queuedPageCount: () => this.#queuedPageCount(),
    });
    this.#crawling = new Crawling({
      settings,
      store: this.#store,
      holder: this.#nodeId,
      logger,
      through: measuring(metrics),
      observer: {
        ...counted,
        page: (task, result) => {
          counted.page?.(task, result);
          if (result.state === 'retry') return;
          this.api.status.count(result);
          this.api.reports.count(task);
          this.api.board.advanced(task);
        },
      },
    });
    const { crawler, webhooks } = this.#crawling;
    const specs = new SpecSource(this.#etcd, catalogOf(settings.tasks));
    this.#roster = new Roster({
      slots: new Slots(settings.maxRunning),
      specs,
      claims: this.#claims,
      runner: crawler,
      logger,
      taskLog: this.#taskLog,
      onState: (state, before) => {
        if (state === 'running') this.#runningCount++;
        else if (before === 'running') this.#runningCount--;
        if (before === 'running') webhooks.wake();
        this.#show();
      },
      onChange: (name, inStore) => this.api.board.changed(name, inStore),
    });
    this.#feed = new AssignmentFeed(
      this.#etcd,
      this.#nodeId,
      this.#roster,
      logger,
      ({ current, interruptedAt }) => {
        if (!current) return;
        this.api.board.complete();
        if (interruptedAt === undefined) this.#followed.met();
        else this.#followed.unmet('the assignments may be stale: etcd does not answer');
      },
    );
    const { results, logs } = this.#store;
    const reports = new TaskReports(this.#nodeId, this.#roster, crawler);
    this.api = {
      status: new WorkerStatus(id, this.lifeCycle, this.#roster, condition),
      reports,
      board: new TaskBoard(this.#roster, reports, results, logger, this.#ending.signal),
      logs: new StoredLogs(logs, (name) => this.#roster.has(name), bells, this.#ending.signal),
      results: new StoredResults(
        results,
        (name) => this.#roster.has(name),
        // While etcd is away, columns are those of the first items.
        (name) => specs.spec(name).catch(() => undefined),
      ),
      trials: new PageTrials(crawler.singles),
    };
  }

  /** Follows the assignments and registers. Resolves when it is registered for the first time. */
  async start(address: string): Promise<void> {
    const { signal } = this.#draining;
    this.#following = this.#follow(signal);
    this.#delivering = this.#crawling.webhooks.run(signal);
    const { signal: ending } = this.#ending;
    this.#reporting = Promise.all([this.api.board.run(ending), this.#taskLog.run(ending)]);
    const { registerTtlMs: ttlMs, registerIntervalMs: intervalMs } = this.settings;
    const metadata = {
      broker: 'http',
      protocol: 'grpc',
      registry: 'etcd',
      server: 'grpc',
      transport: 'grpc',
    };
    this.#registration = await Registration.start(this.#etcd, {
      record: {
        name: WORKER_SERVICE,
        version: 'latest',
        metadata: null,
        endpoints: endpointsOf(descriptorSet(), ['Greeter', 'orbweaver.v1.Worker']),
        nodes: [{ id: this.#nodeId, address, metadata }],
      },
      ttlMs,
      intervalMs,
      signal,
      onState: (state) => this.#onRegistration(state, address),
    });
  }

  /** Takes nothing more, stops every crawl at its last page and gives the claims back. */
  async drain(): Promise<void> {
    this.lifeCycle.to('draining');
    this.#draining.abort();
    await Promise.all([this.#following, this.#delivering]);
    const dropped = this.#roster.drop('the worker that had it is stopping').then(() => true);
    // Etcd may be away, and then there is nobody to tell: the claims go with the lease.
    if (await Promise.race([dropped, delay(DRAIN_MS, false, { ref: false })])) return;
    this.logger.warn('not every claim was given back in time');
  }

  async deregister(): Promise<void> {
    await this.#registration?.deregister();
    this.#ending.abort();
  }

  async close(): Promise<void> {
    this.#etcd.close();
    this.#ending.abort();
    await this.#reporting;
    await Promise.race([this.#taskLog.end(), delay(LAST_LINES_MS, undefined, { ref: false })]);
    await this.#crawling.close();
    await this.#store.close();
    this.lifeCycle.to('stopped');
  }

  async #queuedPageCount(): Promise<number> {
    const progress = await Promise.all(
      this.#roster.running().map((name) => this.#crawling.crawler.progress(name)),
    );
    return progress.reduce((sum, found) => sum + (found?.queuedCount ?? 0), 0);
  }

  #onRegistration(state: RegistrationState, address: string): void {
    if (this.#draining.signal.aborted) return;
    if (state.kind === 'registered') {
      const { session } = state;
      this.#session = session;
      // Not later than the crawls stop: with the signal itself.
      session.lost.addEventListener('abort', () => this.#onLost(session), { once: true });
      this.#registered.met();
      this.logger.info({ address, lease: session.leaseId.toString(16) }, 'registered');
      this.#roster.hold(session);
      this.#show();
    } else {
      const error = state.cause instanceof Error ? state.cause.message : String(state.cause);
      this.#registered.unmet(`not registered: ${error}`);
      this.logger.warn({ error }, 'not registered');
    }
  }

  #onLost(session: Session): void {
    this.#claims.lost(session);
    if (this.#session === session) this.#session = undefined;
    this.#show();
  }

  /** The state that follows from what there is. */
  #show(): void {
    if (this.#session === undefined) this.lifeCycle.to('starting');
    else if (this.#runningCount === 0) this.lifeCycle.to('registered');
    else {
      if (this.lifeCycle.state === 'starting') this.lifeCycle.to('registered');
      this.lifeCycle.to('crawling');
    }
  }

  /** What ends the feed without being asked is a fault (no permission, a bug): said, and tried again. */
  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#feed.run(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#followed.unmet(`the assignments cannot be followed: ${String(error)}`);
        this.logger.error({ error }, 'the assignments cannot be followed, tried again');
      }
      await pause(FOLLOW_AGAIN_MS, signal);
    }
  }
}

const FOLLOW_AGAIN_MS = 1_000;
/** Of the ten seconds that an orderly end may take: some remain for leaving the registry. */
const DRAIN_MS = 6_000;
const LAST_LINES_MS = 1_000;

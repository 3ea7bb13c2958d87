import { etcdAccess } from '@app/config';
import { Election } from '@app/election';
import { EtcdClient } from '@app/etcd';
import type { Logger, Metrics, Readiness } from '@app/observability';
import { descriptorSet } from '@app/proto';
import { endpointsOf, MASTER_SERVICE, nodeId, Registration, WORKER_SERVICE } from '@app/registry';
import { ClusterView } from './cluster-view/cluster-view.js';
import { ServiceNodes } from './cluster-view/service-nodes.js';
import { assignedTasks } from './workers/assigned-tasks.js';
import { workerLog } from './cluster-view/worker-log.js';
import { EtcdHealth } from './etcd-health/etcd-health.js';
import { noteEvents, noteSteering } from './events/cluster-events.js';
import { EventLog } from './events/event-log.js';
import { memoryOfOthers } from './events/other-memories.js';
import { Forwarding } from './forwarding/forwarding.js';
import { LeaderClients } from './forwarding/leader-clients.js';
import { standForElection } from './leadership/candidacy.js';
import { LeaderWatch } from './leadership/leader-watch.js';
import { Leading } from './leadership/leading.js';
import { pause } from './leadership/pause.js';
import { Terms } from './leadership/terms.js';
import { MasterMetrics, viewMetrics } from './master-metrics.js';
import type { MasterSettings } from './settings.js';
import { NodeClients } from './nodes/node-clients.js';
import { followTasks } from './task-index/follow-tasks.js';
import { TaskIndex } from './task-index/task-index.js';
import { ProcessClients } from './nodes/process-clients.js';
import { WorkerClients } from './workers/worker-clients.js';
import { WorkerReports } from './workers/worker-reports.js';

/**
 * The parts of a master and their life: made first, `start`ed with the address that others are told, then
 * ended in the order `resign`, `deregister`, `close`. None of its loops ends because etcd is away.
 */
export class Master {
  readonly etcd: EtcdClient;
  readonly view: ClusterView;
  readonly workers: ServiceNodes;
  readonly masters: ServiceNodes;
  readonly terms: Terms;
  readonly leaders: LeaderWatch;
  readonly leading: Leading;
  readonly forwarding: Forwarding;
  readonly reports: WorkerReports;
  readonly tasks = new TaskIndex();
  readonly etcdHealth: EtcdHealth;
  readonly events = new EventLog();
  private readonly election: Election;
  private readonly leaderClients: LeaderClients;
  readonly processes: ProcessClients;
  private readonly nodeClients: NodeClients;
  private readonly workerClients: WorkerClients;
  private readonly registered;
  private readonly resigning = new AbortController();
  private readonly closing = new AbortController();
  private candidacy: Promise<void> = Promise.resolve();
  private registration: Registration | undefined;
  private self = '';
  /** Why, as it was logged last: it is tried again and again. */
  private unregistered: string | undefined;

  constructor(
    private readonly id: string,
    private readonly settings: MasterSettings,
    private readonly logger: Logger,
    metrics: Metrics,
    readiness: Readiness,
  ) {
    const masterMetrics = new MasterMetrics(metrics);
    this.etcd = new EtcdClient(etcdAccess(settings));
    this.etcdHealth = new EtcdHealth(this.etcd, masterMetrics.etcdSeen);
    this.registered = readiness.condition('registration', 'not registered yet');
    this.workers = new ServiceNodes(this.etcd, WORKER_SERVICE, workerLog(logger));
    this.masters = new ServiceNodes(this.etcd, MASTER_SERVICE);
    this.view = new ClusterView(
      this.etcd,
      this.workers,
      logger,
      readiness.condition('view', 'the resources are not loaded yet'),
    );
    viewMetrics(metrics, this.view);
    this.election = new Election(this.etcd, { prefix: settings.electionPrefix });
    this.terms = new Terms(this.etcd, logger);
    this.leaders = new LeaderWatch(this.election, this.terms, logger);
    this.nodeClients = new NodeClients([this.masters, this.workers]);
    this.processes = new ProcessClients(this.nodeClients);
    this.workerClients = new WorkerClients(this.nodeClients);
    this.reports = new WorkerReports(this.workers, this.workerClients);
    noteEvents(this.events, {
      leader: this.leaders.leader,
      terms: this.terms,
      masters: this.masters,
      workers: this.workers,
      view: this.view,
      tasks: this.tasks,
    });
    this.leading = new Leading(
      this.etcd,
      this.view,
      assignedTasks(this.view, this.reports),
      {
        workerGraceMs: settings.workerGraceMs,
        stepMoves: settings.rebalanceMoves,
        stepIntervalMs: settings.rebalanceIntervalMs,
      },
      masterMetrics,
      logger,
    );
    this.leaderClients = new LeaderClients(this.leaders.leader);
    this.forwarding = new Forwarding(this.leading.present, this.leaders.leader, this.leaderClients, {
      self: () => this.self,
      leaderWaitMs: settings.leaderWaitMs ?? settings.electionTtlMs + 3_000,
      timeoutMs: settings.requestTimeoutMs,
      observe: masterMetrics.forwarded,
    });
  }

  /** Follows the cluster; before the master is told to anybody, so that it can answer then. */
  follow(): void {
    const { signal } = this.closing;
    void this.keep('view', () => this.view.run(signal), signal);
    void this.keep('workers', () => this.workers.run(signal), signal);
    followTasks(this.workers, this.workerClients, this.tasks, signal, (error) =>
      this.logger.error({ error }, 'the tasks of a worker are followed no more'),
    );
    void this.keep('masters', () => this.masters.run(signal), signal);
    void this.keep('etcd health', () => this.etcdHealth.run(signal), signal);
    void this.keep('steering', () => noteSteering(this.events, this.etcd, signal), signal);
    void this.keep('terms', () => this.terms.run(signal), signal);
    void this.keep('leader', () => this.leaders.run(signal), signal);
  }

  /** Registers, and stands for election once there is something to lead with. Resolves when it is registered. */
  async start(address: string): Promise<void> {
    this.self = `master${this.id}-${address}`;
    void this.rememberFrom(address);
    this.candidacy = this.keep('candidacy', () => this.stand(), this.resigning.signal);
    this.registration = await this.register(address);
  }

  /** Fires when it closes: what would go on for as long as it lives ends then. */
  get ending(): AbortSignal {
    return this.closing.signal;
  }

  /** Finishes what is in flight and lets another lead. */
  async resign(): Promise<void> {
    this.resigning.abort();
    await this.candidacy;
  }

  async deregister(): Promise<void> {
    await this.registration?.deregister();
  }

  close(): void {
    this.closing.abort();
    this.events.close();
    this.leaderClients.close();
    this.nodeClients.close();
    this.etcd.close();
  }

  private async rememberFrom(address: string): Promise<void> {
    const { masters, nodeClients, closing } = this;
    try {
      this.events.takeOver(await memoryOfOthers(masters, nodeClients, address, closing.signal));
    } catch (error) {
      this.logger.error({ error }, 'what other masters remember is not taken over');
      this.events.takeOver([]);
    }
  }

  private register(address: string): Promise<Registration> {
    const { logger, registered, settings } = this;
    const metadata = {
      broker: 'http',
      protocol: 'grpc',
      registry: 'etcd',
      server: 'grpc',
      transport: 'grpc',
    };
    return Registration.start(this.etcd, {
      record: {
        name: MASTER_SERVICE,
        version: 'latest',
        metadata: null,
        endpoints: endpointsOf(descriptorSet(), ['CrawlerMaster', 'Greeter', 'orbweaver.v1.Cluster']),
        nodes: [{ id: nodeId(MASTER_SERVICE, this.id), address, metadata }],
      },
      ttlMs: settings.registerTtlMs,
      intervalMs: settings.registerIntervalMs,
      signal: this.closing.signal,
      onState: (state) => {
        if (state.kind === 'registered') {
          this.unregistered = undefined;
          registered.met();
          logger.info({ address }, 'registered');
        } else {
          const reason = `not registered: ${String(state.cause)}`;
          if (reason !== this.unregistered) logger.warn({ error: String(state.cause) }, 'not registered');
          this.unregistered = reason;
          registered.unmet(reason);
        }
      },
    });
  }

  private async stand(): Promise<void> {
    const { signal } = this.resigning;
    await Promise.all([
      this.view.current.when((current) => current, signal),
      this.workers.loaded.when((loaded) => loaded, signal),
    ]);
    await standForElection(
      { etcd: this.etcd, election: this.election, terms: this.terms, logger: this.logger },
      { id: this.id, value: this.self, ttlMs: this.settings.electionTtlMs },
      (term) => this.leading.lead(term, signal),
      signal,
    );
  }

  /** What ends a loop without being asked is a fault (no permission, a bug): said, and tried again. */
  private async keep(what: string, run: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await run();
      } catch (error) {
        if (signal.aborted) return;
        this.logger.error({ what, error }, 'a part of the master failed and is started again');
      }
      await pause(RESTART_MS, signal);
    }
  }
}

const RESTART_MS = 1_000;

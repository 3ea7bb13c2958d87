import { isOrbweaverError } from '@app/errors';
import { compileTask } from '@app/extract';
import { seedPages, specHash } from '@app/tasks';
import { HostGates } from '../politeness/gates/host-gates.js';
import { PATIENCE, type Patience } from '../politeness/gates/host-health.js';
import { SharedRobots } from '../politeness/robots/shared-robots.js';
import { monotonicTimer } from '../politeness/timer.js';
import type { CrawlStore } from '../store/crawl-store.js';
import type { Claim } from '../store/frontier.js';
import type { CrawlProgress } from '../store/results.js';
import type { CrawledHost } from '../task/crawled-host.js';
import type { HostWait } from '../task/host-wait.js';
import type { RunOutcome, Task, TaskRunner } from '../task/task-runner.js';
import type { Tenure } from '../task/task-runner.js';
import type { CrawlLog, CrawlObserver, CrawlParts, Fetchers } from './crawl-parts.js';
import type { LineLevel } from './log/run-log.js';
import { SingleRequests } from './page/single-requests.js';
import { RequestSlots } from './run/request-slots.js';
import { Run } from './run/run.js';
import { inClaimSpan } from './trace/run-trace.js';

export interface CrawlerOptions {
  store: CrawlStore;
  fetchers: Fetchers;
  /** Of this process, and of this one start of it: whom gates are leased to. */
  holder: string;
  log?: CrawlLog;
  /** Of the log lines of its tasks; the holder unless it is given. */
  nodeId?: string;
  /** What is less than that is not written into the logs of tasks. `debug`: a line for each page. */
  lineLevel?: LineLevel;
  observer?: CrawlObserver;
  patience?: Partial<Patience>;
  /** How long a host stays reserved for a process that died. */
  gateLeaseMs?: number;
}

/** The engine: runs of many tasks in one process, which share its gates, its fetchers and its memory. */
export class Crawler implements TaskRunner {
  /** For pages of no run. */
  readonly singles: SingleRequests;
  readonly #parts: CrawlParts;
  readonly #runs = new Map<string, Run>();

  constructor(options: CrawlerOptions) {
    const { store, fetchers, holder, log = SILENT, observer = {}, patience: given } = options;
    const { nodeId = holder, lineLevel = 'info', gateLeaseMs = 10_000 } = options;
    let lineCount = 0;
    const patience = { ...PATIENCE, ...given };
    const onTrouble = (error: unknown): void =>
      log.warn({ error: String(error) }, 'the gates of hosts cannot be leased, tried again');
    const gates = new HostGates({ store: store.gates, holder, patience, onTrouble, leaseMs: gateLeaseMs });
    this.#parts = {
      store,
      fetchers,
      gates,
      robots: new SharedRobots({ fetcher: fetchers.http, gates, store: store.gates }),
      slots: new RequestSlots(MAX_REQUESTS),
      patience,
      timer: monotonicTimer,
      seenCapacity: () => Math.max(MIN_SEEN, Math.floor(MAX_SEEN / Math.max(1, this.#runs.size))),
      observer,
      log,
      writer: { level: lineLevel, nodeId, nextId: () => `${holder}:${++lineCount}` },
    };
    this.singles = new SingleRequests(this.#parts);
  }

  async run(task: Task, tenure: Tenure): Promise<RunOutcome> {
    // A claim in the store takes the crawl from whoever holds it: nothing for someone who overslept.
    if (tenure.signal.aborted || !tenure.holds()) return 'stopped';
    try {
      const compiled = compileTask(task.spec, task.parsers);
      const hash = hashOf(task);
      const claim = await inClaimSpan(task, () => this.#claim(task, hash));
      if (claim.state !== 'open') return claim.state;
      const run = new Run(this.#parts, task, claim, hash, compiled, tenure);
      this.#runs.set(task.name, run);
      try {
        return await run.crawl();
      } finally {
        if (this.#runs.get(task.name) === run) this.#runs.delete(task.name);
      }
    } catch (error) {
      if (isOrbweaverError(error, 'SUPERSEDED')) return 'superseded';
      throw error;
    }
  }

  async outcome(task: Task): Promise<{ state: 'done' | 'failed'; reason: string } | undefined> {
    const known = await this.progress(task.name);
    if (known === undefined || known.state === 'open') return undefined;
    const isThis =
      known.resourceId === task.id &&
      known.specHash === hashOf(task) &&
      known.generation === task.generation &&
      known.run >= task.run &&
      known.retry >= task.retry;
    return isThis ? { state: known.state, reason: known.reason } : undefined;
  }

  progress(name: string): Promise<CrawlProgress | undefined> {
    return this.#parts.store.results.progress(name);
  }

  waits(name: string): HostWait[] {
    return this.#runs.get(name)?.waits() ?? [];
  }

  hosts(name: string): CrawledHost[] {
    return this.#runs.get(name)?.hosts() ?? [];
  }

  traceId(name: string): string {
    return this.#runs.get(name)?.traceId ?? '';
  }

  /** Gives the gates back. To be called when no task runs any more, before the store is closed. */
  close(): Promise<void> {
    return this.#parts.gates.close();
  }

  #claim(task: Task, hash: string): Promise<Claim> {
    const { name, id, epoch, generation, run, retry, spec } = task;
    return this.#parts.store.frontier.claim({
      resource: name,
      resourceId: id,
      epoch,
      specHash: hash,
      generation,
      run,
      retry,
      seeds: seedPages(spec),
      reloadRules: spec.reload
        ? ['*']
        : Object.entries(spec.rules).flatMap(([rule, { reload }]) => (reload ? rule : [])),
      maxPages: spec.maxPages,
    });
  }
}

/** Of the spec, and of the code that belongs to it. */
function hashOf({ spec, fingerprint }: Task): string {
  return fingerprint === undefined ? specHash(spec) : `${specHash(spec)}-${fingerprint}`;
}

/** Open at the same time, of all tasks. */
const MAX_REQUESTS = 256;
/** URLs that all runs together remember, and each of them at least. */
const MAX_SEEN = 750_000;
const MIN_SEEN = 2_000;
const SILENT: CrawlLog = { warn: () => {} };

import {
  isForbidden,
  type CrawledHost,
  type CrawlProgress,
  type HostWait,
  type TaskRunner,
} from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import type { worker as proto } from '@app/proto';
import type { Roster } from '../assignment/roster.js';
import { PageRate } from './page-rate.js';
import { timestamp } from './timestamp.js';

/** How tasks stand: those that are assigned here, and those that the store remembers. */
export class TaskReports {
  readonly #rates = new Map<string, PageRate>();

  constructor(
    private readonly nodeId: string,
    private readonly roster: Pick<Roster, 'status'>,
    private readonly runner: Pick<TaskRunner, 'progress' | 'waits' | 'hosts' | 'traceId'>,
  ) {}

  /** A page of the task came to its end. */
  count(task: string): void {
    let rate = this.#rates.get(task);
    if (rate === undefined) {
      if (this.#rates.size >= MOST_RATES) this.#forgetIdle();
      this.#rates.set(task, (rate = new PageRate()));
    }
    rate.count();
  }

  /** Throws NOT_FOUND for a task that is neither assigned nor in the store. */
  async task(name: string): Promise<proto.TaskStatus> {
    const report = this.of(name, await this.runner.progress(name));
    if (report === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    return report;
  }

  /** Those that are known. */
  async tasks(names: readonly string[]): Promise<proto.TaskStatus[]> {
    if (names.length > MOST_NAMES) {
      throw new OrbweaverError('INVALID_ARGUMENT', `names are at most ${MOST_NAMES}: ${names.length}`);
    }
    const reports = await Promise.all(
      names.map(async (name) => this.of(name, await this.runner.progress(name))),
    );
    return reports.filter((report) => report !== undefined);
  }

  /** The hosts that a task is at; none while it does not run here. */
  hosts({ name }: proto.ListHostsRequest): proto.ListHostsResponse {
    if (this.roster.status(name) === undefined) {
      throw new OrbweaverError('NOT_FOUND', 'the task is not assigned to this worker');
    }
    return { hosts: this.runner.hosts(name).map(hostMessage) };
  }

  /** With what the store knows of it. Undefined for one that is neither assigned nor in the store. */
  of(name: string, progress: CrawlProgress | undefined): proto.TaskStatus | undefined {
    const assigned = this.roster.status(name);
    const status = assigned ?? (progress && remembered(progress));
    if (status === undefined) return undefined;
    const { state, reason, cause, sinceAt } = status;
    const isOver = state === 'done' || state === 'failed';
    return {
      name,
      state,
      reason,
      cause: state === 'failed' && isForbidden(reason) ? 'robots' : cause,
      pagesDone: BigInt(progress?.doneCount ?? 0),
      pagesQueued: BigInt(progress?.queuedCount ?? 0),
      pagesFailed: BigInt(progress?.failedCount ?? 0),
      items: BigInt(progress?.itemCount ?? 0),
      pagesPerSecond: state === 'running' ? (this.#rates.get(name)?.perSecond() ?? 0) : 0,
      since: timestamp(isOver ? (progress?.sinceAt ?? sinceAt) : sinceAt),
      run: progress?.run ?? 1,
      retry: progress?.retry ?? 0,
      waiting: state === 'running' ? waitingOf(this.runner.waits(name)) : [],
      nodeId: assigned === undefined ? '' : this.nodeId,
      lastError: progress?.lastError ?? '',
      traceId: this.runner.traceId(name),
      endedHere: assigned?.endedHere ?? false,
      epoch: assigned?.assignment.epoch ?? progress?.epoch ?? 0n,
    };
  }

  #forgetIdle(): void {
    for (const [task, rate] of this.#rates) if (rate.perSecond() === 0) this.#rates.delete(task);
  }
}

const MOST_NAMES = 1_000;
/** More than run at once; beyond it those without a page in the last seconds go. */
const MOST_RATES = 1_000;
const MOST_WAITS = 10;

/** A task of the store that another worker has now, or none. */
function remembered({ state, reason, sinceAt }: CrawlProgress) {
  return state === 'open'
    ? { state: 'pending', reason: 'not assigned to this worker', cause: '', sinceAt }
    : { state, reason, cause: '', sinceAt };
}

/** Those that last longest. */
function waitingOf(waits: readonly HostWait[]): proto.HostWait[] {
  return [...waits]
    .sort((a, b) => b.forMs - a.forMs)
    .slice(0, MOST_WAITS)
    .map(waitMessage);
}

function waitMessage({ host, for: what, forMs, reason }: HostWait): proto.HostWait {
  return {
    host,
    cause: what,
    reason: reason === '' ? WAITS[what] : `${WAITS[what]}: ${reason}`,
    until: forMs > 0 ? timestamp(Date.now() + forMs) : undefined,
  };
}

function hostMessage(found: CrawledHost): proto.CrawledHost {
  const { host, inHandCount, openCount, delayMs, concurrency, wait, failureCount, robots } = found;
  return {
    host,
    inHand: inHandCount,
    open: openCount,
    delayMs: BigInt(Math.round(delayMs)),
    concurrency,
    wait: wait && waitMessage(wait),
    failures: failureCount,
    robots,
  };
}

const WAITS: Record<HostWait['for'], string> = {
  delay: 'the delay between requests',
  'back off': 'the host asks for fewer requests',
  down: 'the host does not answer',
  robots: 'robots.txt cannot be had yet',
  gate: 'another worker is at this host',
  turn: 'other tasks are at this host',
  limit: 'a limit of the task',
  requests: 'this worker has as many requests open as it may',
  store: 'the store takes nothing, or is slow',
};

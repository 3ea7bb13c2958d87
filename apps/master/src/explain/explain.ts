import type { worker } from '@app/proto';
import type { TaskReport } from '../workers/worker-reports.js';
import { hostCauses } from './host-causes.js';
import { pendingCause, storeTrouble } from './pending-causes.js';

/** What is known of a resource that may explain it. */
export interface Facts {
  /** Node id of its worker. */
  readonly nodeId: string | undefined;
  readonly isPaused: boolean;
  /** What its worker says; undefined when it does not answer, or has not to. */
  readonly task: TaskReport | undefined;
  readonly isWorkerRegistered: boolean;
  /** As the worker says, where it answers. */
  readonly store: worker.StoreHealth | undefined;
  readonly workers: { readonly count: number; readonly drainingCount: number };
  readonly hasLeader: boolean;
  /** Why this master cannot use etcd; empty when it can. */
  readonly etcdFault: string;
  /** Of its schedule, in milliseconds since 1970. */
  readonly nextRunAt: number | undefined;
}

export interface Explanation {
  readonly state: string;
  readonly cause: string;
  /** One sentence each, for a person. */
  readonly reason: string;
  /** What would change it; empty when there is nothing to do. */
  readonly remedy: string;
}

/** Why a resource is as it is: the first cause that would have to go for it to move. */
export function explain(facts: Facts): Explanation {
  const { task } = facts;
  if (typeof task === 'object') return reported(facts, task);
  if (facts.isPaused) return paused('');
  return { state: facts.nodeId === undefined ? 'pending' : '', ...unreported(facts) };
}

type Cause = Omit<Explanation, 'state'>;

function reported(facts: Facts, task: worker.TaskStatus): Explanation {
  const { state, reason, cause } = task;
  // Its worker may not have looked yet: it waits for its turn, or is about to stop.
  if (facts.isPaused && state !== 'done' && state !== 'failed') return paused(state);
  switch (state) {
    case 'running':
      return { state, ...running(facts, task) };
    case 'paused':
      return paused(state);
    case 'done':
      return { state, ...done(facts, task) };
    case 'failed':
      return { state, ...failed(cause, reason) };
    default:
      return { state, ...pendingCause(facts.nodeId ?? 'there', cause, reason, facts.store) };
  }
}

function failed(cause: string, reason: string): Cause {
  const isForbidden = cause === 'robots';
  return {
    cause: isForbidden ? 'forbidden' : 'failed',
    reason: `Its last run failed: ${reason || 'no page went well'}.`,
    remedy: isForbidden
      ? 'Begin with pages that robots.txt allows, or ask who runs the host.'
      : 'See which pages failed and why; correct its spec, or restart it when the cause is gone.',
  };
}

function running({ store }: Facts, { pagesPerSecond, pagesQueued, waiting }: worker.TaskStatus): Cause {
  const waitsForStore = waiting.find(({ cause }) => cause === 'store');
  if (waitsForStore !== undefined || store?.ok === false) {
    const why = store?.ok === false ? store.reason : (waitsForStore?.reason ?? '');
    return storeTrouble('The store of its worker takes nothing at present, or is slow', why);
  }
  const [host, ...others] = waiting;
  if (pagesPerSecond > 0 || host === undefined) {
    const rate = pagesPerSecond > 0 ? `${Number(pagesPerSecond.toFixed(1))} pages a second` : 'no page yet';
    return { cause: 'moving', reason: `It is running: ${rate}, ${pagesQueued} queued.`, remedy: '' };
  }
  const { cause, reason, remedy } = hostCauses(host);
  const more = others.length === 0 ? '' : `, and ${others.length} more ${plural(others.length, 'host')} wait`;
  return { cause, reason: `${reason}${more}.`, remedy };
}

function paused(state: string): Explanation {
  return {
    state: state || 'paused',
    cause: 'paused',
    reason: 'Somebody has paused it.',
    remedy: 'Resume it.',
  };
}

function done({ nextRunAt }: Facts, { reason, pagesFailed, lastError }: worker.TaskStatus): Cause {
  const early = reason === '' ? '' : `, early: ${reason}`;
  const last = lastError === '' ? '' : `, the last one: ${lastError}`;
  const failures =
    pagesFailed === 0n ? '' : `; ${pagesFailed} ${pagesFailed === 1n ? 'page' : 'pages'} failed${last}`;
  const next = nextRunAt === undefined ? '' : `; its next run begins at ${instant(nextRunAt)}`;
  return {
    cause: nextRunAt === undefined ? 'done' : 'idle',
    reason: `Its run is over${early}${failures}${next}.`,
    remedy: pagesFailed === 0n ? 'Restart it to crawl again.' : 'Retry its failed pages, or restart it.',
  };
}

function unreported(facts: Facts): Cause {
  const { nodeId, task, isWorkerRegistered, workers, hasLeader } = facts;
  if (nodeId === undefined) return unassigned(facts);
  if (!isWorkerRegistered) {
    const reason = `Its worker ${nodeId} is gone`;
    if (facts.etcdFault !== '') return etcdTrouble(`${reason} and it cannot be moved`, facts.etcdFault);
    if (!hasLeader) return noLeader(`${reason}, and nobody leads who would move it`);
    if (workers.count === 0) return { ...NO_WORKER, reason: `${reason}, and no other is registered.` };
    return { cause: 'worker gone', reason: `${reason}; the leader moves it to another.`, remedy: '' };
  }
  if (task === 'unknown') {
    return {
      cause: 'not taken up',
      reason: `Its worker ${nodeId} has not taken it up yet.`,
      remedy: 'If this lasts, look whether that worker is ready (/readyz).',
    };
  }
  // It answers, but not of what it has to read first.
  if (facts.store !== undefined) {
    return storeTrouble(`The store of its worker ${nodeId} does not answer`, facts.store.reason);
  }
  return {
    cause: 'worker silent',
    reason: `Its worker ${nodeId} is registered but does not answer in time.`,
    remedy:
      'If it has died its tasks move within --register-ttl; else see whether it is overloaded, or cut off from the masters.',
  };
}

function unassigned(facts: Facts): Cause {
  const { count, drainingCount } = facts.workers;
  // Who leads and who works is not known then either.
  if (facts.etcdFault !== '') return etcdTrouble('It cannot be given to a worker', facts.etcdFault);
  if (!facts.hasLeader) return noLeader('Nobody leads at present who would give it to a worker');
  if (count === 0) return NO_WORKER;
  if (count === drainingCount) {
    return {
      cause: 'all workers drain',
      reason: `No worker takes it: all ${count} are being drained.`,
      remedy: 'Undrain one, or start another.',
    };
  }
  return { cause: 'assigning', reason: 'The leader is about to give it to a worker.', remedy: '' };
}

function noLeader(reason: string): Cause {
  return {
    cause: 'no leader',
    reason: `${reason}: the masters are electing one.`,
    remedy: 'Wait for the election, at most --election-ttl; if it lasts, look at the logs of the masters.',
  };
}

function etcdTrouble(reason: string, fault: string): Cause {
  return {
    cause: 'etcd',
    reason: `${reason}: ${fault}.`,
    remedy: 'Look whether etcd has a quorum and room on its disk; all else goes on by itself then.',
  };
}

const NO_WORKER: Cause = {
  cause: 'no worker',
  reason: 'No worker is registered.',
  remedy: 'Start one: orbweaver worker.',
};

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

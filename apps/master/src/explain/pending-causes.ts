import type { worker } from '@app/proto';

interface PendingCause {
  readonly cause: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Why a task does not run at its worker, by what the worker says of the task and of its store. */
export function pendingCause(
  nodeId: string,
  cause: string,
  said: string,
  store: worker.StoreHealth | undefined,
): PendingCause {
  if (store?.ok === false || cause === 'store')
    return storeTrouble(`The store of its worker ${nodeId} takes nothing`, store?.reason || said);
  const known = CAUSES[cause];
  if (known !== undefined) return known(nodeId, said);
  return { cause: 'pending', reason: `It is pending: ${said || 'its worker says no more'}.`, remedy: '' };
}

export function storeTrouble(what: string, why: string): PendingCause {
  return {
    cause: 'store',
    reason: `${what}${why === '' ? '' : ` (${why})`}.`,
    remedy: 'Look at the database: can it be reached from the worker, is its disk full, is it overloaded?',
  };
}

/** By the cause that a worker names. */
const CAUSES: Readonly<Record<string, (nodeId: string, said: string) => PendingCause>> = {
  slots: (nodeId) => ({
    cause: 'slots',
    reason: `It waits for its turn: its worker ${nodeId} runs as many tasks at once as it may.`,
    remedy: 'Start another worker, or raise --max-running of this one.',
  }),
  registration: (nodeId) => ({
    cause: 'worker without lease',
    reason: `Its worker ${nodeId} has no lease in etcd at present, without which it runs nothing.`,
    remedy: 'It goes on by itself when it reaches etcd again; if this lasts, look at its log and /readyz.',
  }),
  claim: (_, said) => ({
    cause: 'claimed',
    reason: `It ${said}.`,
    remedy: 'If that worker has died its claim ends with its lease, within --register-ttl.',
  }),
  spec: (_, said) => ({
    cause: 'no spec',
    reason: `Its worker does not know what to crawl: ${said}.`,
    remedy: 'Give it a spec, or the worker the module of its task.',
  }),
  etcd: (nodeId, said) => ({
    cause: 'etcd',
    reason: `Its worker ${nodeId} cannot use etcd: ${said}.`,
    remedy:
      'Look whether that worker reaches etcd, and whether etcd has a quorum; it goes on by itself then.',
  }),
};

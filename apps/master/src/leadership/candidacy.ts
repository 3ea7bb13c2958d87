import { setTimeout as delay } from 'node:timers/promises';
import { isOrbweaverError } from '@app/errors';
import type { Election, Leadership } from '@app/election';
import { Session, whenAvailable, type EtcdClient } from '@app/etcd';
import type { Logger } from '@app/observability';
import { claimNodeNumber, preferredNumber } from './node-number.js';
import { pause } from './pause.js';
import type { Terms } from './terms.js';

/** One term of this master: it ends with `leadership.signal`, or when the process is asked to stop. */
export interface Term {
  readonly leadership: Leadership;
  /** For snowflake IDs; no other master has it during this term. */
  readonly nodeNumber: number;
}

interface Parts {
  readonly etcd: EtcdClient;
  readonly election: Election;
  readonly terms: Terms;
  readonly logger: Logger;
}

export interface CandidacyOptions {
  readonly id: string;
  /** What others read in the election: `master<id>-<address>`. */
  readonly value: string;
  readonly ttlMs: number;
}

/**
 * Takes part in the election for as long as the process runs: a session, a campaign, a term, and again. A
 * master that lost its session (etcd was away, the process was paused) stands again with a new one.
 *
 * `lead` must return soon after `term.leadership.signal` or `stopping` has fired; what it still has in flight
 * then is its own to finish, since this resigns right after: the next leader need not wait for a lease to end.
 */
export async function standForElection(
  parts: Parts,
  options: CandidacyOptions,
  lead: (term: Term) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      await standOnce(parts, options, lead, stopping);
    } catch (error) {
      if (stopping.aborted) return;
      parts.logger.warn({ error: String(error) }, 'candidacy ended, standing again');
      await pause(PAUSE_MS, stopping);
    }
  }
}

/** etcd answers in no order after an outage: not every master needs to be the first to ask. */
const PAUSE_MS = 300;

async function standOnce(
  { etcd, election, terms, logger }: Parts,
  { id, value, ttlMs }: CandidacyOptions,
  lead: (term: Term) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  const session = await Session.open(etcd, { ttlMs, signal: stopping });
  try {
    const signal = AbortSignal.any([session.lost, stopping]);
    const nodeNumber = await claimNodeNumber(etcd, {
      owner: value,
      leaseId: session.leaseId,
      preferred: preferredNumber(id),
      signal,
    });
    const leadership = await election.campaign(session, value, signal);
    logger.info({ term: leadership.term }, 'master start change to leader');
    void unlessLate(terms.began(leadership), logger);
    let failure: unknown;
    try {
      await lead({ leadership, nodeNumber }).catch((error: unknown) => {
        failure = error;
        throw error;
      });
    } finally {
      logger.info({ term: leadership.term }, 'master no longer leads');
      if (leadership.signal.aborted) await account(terms, leadership, stopping, logger);
      else await leadership.resign([terms.resignation(leadership, whyResigned(failure, stopping))]);
    }
  } finally {
    // Takes our keys away with the lease. Where etcd does not answer they go by themselves, so nothing waits for it
    // but a stop: who stands again is not to stand behind a key of its own.
    const closed = session.close().catch((error: unknown) => {
      logger.debug({ error: String(error) }, 'the lease was not given back');
    });
    if (stopping.aborted) await closed;
  }
}

function whyResigned(failure: unknown, stopping: AbortSignal): string {
  if (stopping.aborted) return 'It was stopped.';
  return failure instanceof Error ? `It failed while it led: ${failure.message}` : 'It gave up.';
}

/** Waited for only where etcd answers: what others make of a lost key depends on whether its lease still lives. */
async function account(
  terms: Terms,
  leadership: Leadership,
  stopping: AbortSignal,
  logger: Logger,
): Promise<void> {
  if (!isOrbweaverError(leadership.signal.reason, 'LEASE_LOST')) {
    await unlessLate(terms.lost(leadership), logger);
    return;
  }
  const late = new AbortController();
  // Not AbortSignal.timeout: Node 20 forgets one that nothing but `any` refers to.
  const timer = setTimeout(() => late.abort(), ACCOUNT_WITHIN_MS).unref();
  void whenAvailable(AbortSignal.any([stopping, late.signal]), () => terms.lost(leadership))
    .catch((error: unknown) => {
      logger.debug({ error: String(error) }, 'why the term ended is not written down');
    })
    .finally(() => clearTimeout(timer));
}

async function unlessLate(note: Promise<void>, logger: Logger): Promise<void> {
  const told = note.catch((error: unknown) => {
    logger.debug({ error: String(error) }, 'what became of the term is not written down');
  });
  await Promise.race([told, delay(NOTE_WITHIN_MS, undefined, { ref: false })]);
}

const NOTE_WITHIN_MS = 1_000;
const ACCOUNT_WITHIN_MS = 120_000;

import { OrbweaverError, isOrbweaverError } from '@app/errors';
import type { RpcCall } from '@app/transport';
import type { Latest } from '../leadership/latest.js';
import type { KnownLeader } from '../leadership/leader-watch.js';
import type { LeaderClients } from './leader-clients.js';

export interface ForwardingOptions {
  /** What this master proclaims when it leads, and marks the calls with that it passes on. */
  readonly self: () => string;
  /** How long a call waits for a leader while there is none, when its own deadline is not earlier. */
  readonly leaderWaitMs: number;
  /** Deadline of calls whose caller has set none. */
  readonly timeoutMs: number;
  readonly observe?: (outcome: ForwardOutcome) => void;
}

export type ForwardOutcome = 'answered' | 'retried' | 'no leader' | 'not leader' | 'refused';

/**
 * Brings a call to the leader, wherever it is: here, or one hop away. A call that was passed on already is
 * never passed on again, so two masters that each take the other for the leader cannot send it back and forth.
 *
 * A call that did not reach the leader, or that the leader could not answer since it leads no more, is tried
 * once more at the next leader, also when the first may have carried it out: every call is safe to repeat.
 */
export class Forwarding {
  private waiting = 0;

  constructor(
    /** What this master leads with, undefined while it does not. */
    private readonly leading: Pick<Latest<object | undefined>, 'value' | 'when'>,
    private readonly leader: Latest<KnownLeader | undefined>,
    private readonly clients: Pick<LeaderClients, 'call'>,
    private readonly options: ForwardingOptions,
  ) {}

  async answer(call: RpcCall, here: () => Promise<unknown>): Promise<unknown> {
    if (this.leading.value !== undefined) {
      try {
        return await here();
      } catch (error) {
        if (!isOrbweaverError(error, 'NOT_LEADER') || wasForwarded(call)) throw error;
      }
    }
    return wasForwarded(call) ? this.answerForwarded(here) : this.forward(call, here);
  }

  /** Who sent it took us for the leader. It may have heard of our election before we did, so a moment is given. */
  private async answerForwarded(here: () => Promise<unknown>): Promise<unknown> {
    try {
      await this.leading.when((present) => present !== undefined, AbortSignal.timeout(ELECTED_MOMENT_MS));
    } catch {
      this.options.observe?.('not leader');
      throw new OrbweaverError('NOT_LEADER', `${this.options.self()} does not lead`);
    }
    return here();
  }

  private async forward(call: RpcCall, here: () => Promise<unknown>): Promise<unknown> {
    const deadlineAt = performance.now() + Math.max(0, call.remainingMs() ?? this.options.timeoutMs);
    const first = await this.nextLeader(call, undefined, deadlineAt);
    try {
      return await this.at(first, call, here, deadlineAt);
    } catch (error) {
      if (!isForElsewhere(error)) throw error;
      this.options.observe?.('retried');
    }
    return this.at(await this.nextLeader(call, first, deadlineAt), call, here, deadlineAt);
  }

  private async at(
    leader: KnownLeader,
    call: RpcCall,
    here: () => Promise<unknown>,
    deadlineAt: number,
  ): Promise<unknown> {
    if (leader.value === this.options.self()) {
      await this.begin(leader);
      return here();
    }
    if (leader.address === undefined) {
      throw new OrbweaverError('NO_LEADER', `the leader "${leader.value}" is no master that can be reached`);
    }
    const answer = await this.clients.call(leader, leader.address, call, {
      forwardedBy: this.options.self(),
      timeoutMs: deadlineAt - performance.now(),
    });
    this.options.observe?.('answered');
    return answer;
  }

  /** We are elected: the term is about to begin, unless it is over already. */
  private async begin(leader: KnownLeader): Promise<void> {
    const settled = new AbortController();
    const { signal } = settled;
    const late = setTimeout(() => settled.abort(), ELECTED_MOMENT_MS);
    try {
      await Promise.race([
        this.leading.when((present) => present !== undefined, signal),
        this.leader.when((present) => present?.key !== leader.key, signal),
      ]);
    } catch (cause) {
      throw new OrbweaverError('NOT_LEADER', `${this.options.self()} was elected and does not lead yet`, {
        cause,
      });
    } finally {
      clearTimeout(late);
      settled.abort();
    }
  }

  /** Another than the one that failed. */
  private async nextLeader(
    call: RpcCall,
    failed: KnownLeader | undefined,
    deadlineAt: number,
  ): Promise<KnownLeader> {
    const present = this.leader.value;
    if (present !== undefined && present.key !== failed?.key) return present;
    if (this.waiting >= MAX_WAITING) {
      this.options.observe?.('refused');
      throw new OrbweaverError('RESOURCE_EXHAUSTED', `${MAX_WAITING} calls wait for a leader already`);
    }
    const leftMs = Math.min(this.options.leaderWaitMs, deadlineAt - performance.now());
    const late = new AbortController();
    // Not AbortSignal.timeout: Node 20 forgets one that nothing but `any` refers to.
    const timer = setTimeout(() => late.abort(), Math.ceil(Math.max(0, leftMs)));
    const signal = AbortSignal.any([call.signal, late.signal]);
    this.waiting++;
    try {
      return await this.leader.when(
        (leader): leader is KnownLeader => leader !== undefined && leader.key !== failed?.key,
        signal,
      );
    } catch {
      call.signal.throwIfAborted();
      this.options.observe?.('no leader');
      throw new OrbweaverError('NO_LEADER', 'no leader at present, try again');
    } finally {
      clearTimeout(timer);
      this.waiting--;
    }
  }
}

/** Between the election and the first answer lie a few round trips to etcd. */
const ELECTED_MOMENT_MS = 1_000;
const MAX_WAITING = 10_000;

function wasForwarded(call: RpcCall): boolean {
  return call.option('forwarded-by') !== undefined;
}

function isForElsewhere(error: unknown): boolean {
  return isOrbweaverError(error) && error.retry === 'elsewhere';
}

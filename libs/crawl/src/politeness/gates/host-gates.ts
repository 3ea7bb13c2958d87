import type { GateStore } from '../../store/gate-store.js';
import { HostGate, type GateParts, type Seat, type SeatTerms, type Turn, type Visitor } from './host-gate.js';
import { Lease } from './lease.js';
import { PATIENCE, type Patience } from './host-health.js';
import { monotonicTimer, type Timer } from '../timer.js';

export interface HostGatesOptions {
  store: GateStore;
  /** Of this process alone, and of this one start of it. */
  holder: string;
  timer?: Timer;
  wallNow?: () => number;
  random?: () => number;
  patience?: Partial<Patience>;
  leaseMs?: number;
  /** Told of a store that does not answer; the leases are tried again. */
  onTrouble?: (error: unknown) => void;
}

/**
 * The gates of all hosts for all tasks of a process. Each is leased in the store before the first request and
 * kept while there is work, written to when the host is in trouble, and given back when it is idle or another
 * process waits for it. Nothing may be sent without a lease that is valid by the monotonic clock.
 */
export class HostGates {
  readonly #gates = new Map<string, HostGate>();
  readonly #store: GateStore;
  readonly #holder: string;
  readonly #timer: Timer;
  readonly #leaseMs: number;
  readonly #onTrouble: (error: unknown) => void;
  readonly #parts: GateParts;
  /** Gates that there may be something to do for. */
  #untended = new Set<HostGate>();
  #tending: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #wakesAt = Infinity;
  #lookedAt = -Infinity;
  #failures = 0;
  #isClosed = false;

  constructor(options: HostGatesOptions) {
    const { store, holder, timer = monotonicTimer, leaseMs = LEASE_MS } = options;
    this.#store = store;
    this.#holder = holder;
    this.#timer = timer;
    this.#leaseMs = leaseMs;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#parts = {
      timer,
      wallNow: options.wallNow ?? Date.now,
      random: options.random ?? Math.random,
      patience: { ...PATIENCE, ...options.patience },
      tend: (gate) => this.#tendSoon(gate),
    };
  }

  join(host: string, terms: SeatTerms, visitor: Visitor): Seat {
    let gate = this.#gates.get(host);
    if (gate === undefined) this.#gates.set(host, (gate = new HostGate(host, this.#parts)));
    return gate.join(terms, visitor);
  }

  /** One turn, for a request of its own. Rejects with the signal's reason. */
  enter(host: string, terms: SeatTerms, signal: AbortSignal): Promise<Turn> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', abort);
        seat.leave();
      };
      const abort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const seat = this.join(host, terms, {
        offer: (turn) => {
          resolve({
            maySend: () => turn.maySend(),
            end: (outcome) => {
              turn.end(outcome);
              leave();
            },
          });
          signal.removeEventListener('abort', abort);
          return true;
        },
      });
      signal.addEventListener('abort', abort, { once: true });
      seat.want();
    });
  }

  /** Gives all gates back. Nobody may want a turn any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#tending;
    await this.#release([...this.#gates.values()].filter(({ lease }) => lease !== undefined));
    this.#cancelTimer?.();
  }

  #tendSoon(gate: HostGate): void {
    this.#untended.add(gate);
    this.#wakeIn(0);
  }

  #wakeIn(ms: number): void {
    if (this.#isClosed || this.#tending !== undefined) return;
    const at = this.#timer.now() + ms;
    if (at >= this.#wakesAt) return;
    this.#cancelTimer?.();
    this.#wakesAt = at;
    this.#cancelTimer = this.#timer.after(ms, () => {
      this.#wakesAt = Infinity;
      this.#tending = this.#tend().finally(() => {
        this.#tending = undefined;
        if (this.#untended.size > 0) this.#wakeIn(0);
        else if (this.#gates.size > 0) this.#wakeIn(LOOK_MS);
      });
    });
  }

  /** One round: all that is due of each kind in one call. */
  async #tend(): Promise<void> {
    const now = this.#timer.now();
    const isFull = now >= this.#lookedAt + LOOK_MS;
    if (isFull) this.#lookedAt = now;
    const gates = isFull ? this.#gates.values() : this.#untended;
    this.#untended = new Set();
    const due: Record<Need, HostGate[]> = { none: [], lease: [], renewal: [], release: [] };
    for (const gate of gates) {
      due[needOf(gate, now)].push(gate);
      if (gate.lease === undefined && gate.isIdle && gate.seats.size === 0) this.#gates.delete(gate.host);
    }
    await Promise.all([this.#acquire(due.lease), this.#renew(due.renewal), this.#release(due.release)]);
  }

  async #acquire(gates: readonly HostGate[]): Promise<void> {
    if (gates.length === 0) return;
    const askedAt = this.#timer.now();
    const wanted = gates.map(({ host, delayMs }) => ({ host, delayMs: Math.ceil(delayMs) }));
    const answers = await this.#ask(() => this.#store.acquire(this.#holder, wanted, this.#leaseMs));
    const now = this.#timer.now();
    for (const gate of gates) gate.askAgainAt = now + this.#backOffMs;
    for (const answer of answers ?? []) {
      const gate = this.#gates.get(answer.host);
      if (gate === undefined) continue;
      if (!answer.granted) gate.askAgainAt = now + answer.retryInMs;
      else gate.granted(new Lease(answer.fence, askedAt, this.#leaseMs), answer.waitMs, answer.state);
    }
  }

  async #renew(gates: readonly HostGate[]): Promise<void> {
    const askedAt = this.#timer.now();
    const leases = new Map(gates.map((gate) => [gate.host, gate.lease]));
    const held = gates.flatMap((gate) => gate.held() ?? []);
    if (held.length === 0) return;
    for (const gate of gates) gate.isDirty = false;
    const answer = await this.#ask(() => this.#store.renew(this.#holder, held, this.#leaseMs));
    for (const gate of gates) {
      const lease = leases.get(gate.host);
      if (lease === undefined || gate.lease !== lease) continue;
      if (answer === undefined) lease.renewAt = this.#timer.now() + this.#backOffMs;
      else if (answer.lost.includes(gate.host)) gate.ended();
      else {
        lease.renewed(askedAt, this.#leaseMs);
        // Who has not had a turn yet takes it first: two that only hand over would get nowhere.
        gate.yielding = answer.wanted.includes(gate.host) && (gate.turnCount > 0 || !gate.isWanted);
      }
      // It may go on, or has to find another lease, or is to be given back.
      this.#tendSoon(gate);
      gate.serve();
    }
  }

  /** Nothing begins at them any more from here on. If the store does not hear of it, their leases run out. */
  async #release(gates: readonly HostGate[]): Promise<void> {
    const held = gates.flatMap((gate) => gate.held() ?? []);
    for (const gate of gates) {
      // Those who wait for it have to find it free first.
      if (gate.yielding) gate.askAgainAt = this.#timer.now() + YIELD_MS;
      gate.ended();
    }
    if (held.length > 0) await this.#ask(() => this.#store.release(this.#holder, held));
  }

  async #ask<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await call();
      this.#failures = 0;
      return answer;
    } catch (error) {
      this.#failures++;
      this.#onTrouble(error);
      return undefined;
    }
  }

  get #backOffMs(): number {
    return this.#failures === 0 ? 0 : Math.min(LONGEST_BACK_OFF_MS, 50 * 2 ** Math.min(this.#failures, 10));
  }
}

type Need = 'none' | 'lease' | 'renewal' | 'release';

function needOf(gate: HostGate, now: number): Need {
  const { lease } = gate;
  if (lease === undefined) return gate.isWanted && now >= gate.askAgainAt ? 'lease' : 'none';
  if (gate.openCount === 0 && (gate.yielding || (gate.isIdle && now >= gate.idleSince + IDLE_MS)))
    return 'release';
  return now >= lease.renewAt || (gate.isDirty && now >= lease.renewedAt + WRITE_MS) ? 'renewal' : 'none';
}

const LEASE_MS = 10_000;
/** A gate that nobody uses is given back after this. */
const IDLE_MS = 1_000;
/** Gates are looked at this often, and when there is a reason. */
const LOOK_MS = 200;
/** The store hears of trouble at most this often. */
const WRITE_MS = 200;
/** Longer than others take to ask again for a gate that was refused to them. */
const YIELD_MS = 1_000;
const LONGEST_BACK_OFF_MS = 5_000;

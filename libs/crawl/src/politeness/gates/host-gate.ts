import { HostHealth, type Outcome, type Patience } from './host-health.js';
import type { Lease } from './lease.js';
import type { Timer } from '../timer.js';
import type { HeldGate, HostState } from '../../store/gate-store.js';

export interface SeatTerms {
  /** From the end of a request to the start of the next one. */
  delayMs: number;
  /** A random pause on top of it, up to this. */
  waitTimeMs: number;
  /** Requests at once, where there is no delay. */
  concurrency: number;
}

/** Somebody who sends requests to a host. */
export interface Visitor {
  /** Takes the turn and gives true, or does not and is not asked again until it wants a turn again. */
  offer(turn: Turn): boolean;
  /** The host has to be left alone for so long. */
  paused?(ms: number): void;
}

/** One request that may be sent now. Has to be ended. */
export interface Turn {
  /** Right before the request leaves: whether it still may. */
  maySend(): boolean;
  end(outcome: Outcome): void;
}

/** A place at a gate. */
export class Seat {
  openCount = 0;

  constructor(
    private readonly gate: HostGate,
    readonly terms: SeatTerms,
    readonly visitor: Visitor,
  ) {}

  /** The visitor is offered one turn, now or later. */
  want(): void {
    this.gate.want(this);
  }

  /** The host itself has asked for a delay. */
  atLeast(delayMs: number): void {
    this.terms.delayMs = Math.max(this.terms.delayMs, delayMs);
  }

  /** Turns that it has may still be ended. */
  leave(): void {
    this.gate.leave(this);
  }

  get trouble(): string {
    return this.gate.health.state.trouble;
  }

  /** In a row. */
  get failureCount(): number {
    return this.gate.health.state.failures;
  }

  /** It has answered that it is asked too often, and not answered well since. */
  get isAskingForLess(): boolean {
    return this.gate.health.isThrottled;
  }

  get isDown(): boolean {
    return this.gate.health.isDown;
  }

  isDead(wallNow: number): boolean {
    return this.gate.health.isDead(wallNow);
  }

  /** What keeps the gate closed at this moment; undefined when nothing does. */
  wait(now: number): { for: 'gate' | 'down' | 'back off' | 'delay' | 'turn'; forMs: number } | undefined {
    const { lease, health, yielding } = this.gate;
    const forMs = this.gate.waitMs(now);
    if (health.pausedUntil > now) return { for: health.isDown ? 'down' : 'back off', forMs };
    if (lease === undefined || yielding) return { for: 'gate', forMs };
    // After a failure the delay is the least that one should know of.
    if (forMs > 0 && this.failureCount > 0) return { for: health.isThrottled ? 'back off' : 'down', forMs };
    if (forMs > 0) return { for: 'delay', forMs };
    return this.openCount === 0 && this.gate.openCount > 0 ? { for: 'turn', forMs: 0 } : undefined;
  }
}

/** What gates of all hosts share. */
export interface GateParts {
  timer: Timer;
  wallNow: () => number;
  random: () => number;
  patience: Patience;
  /** There may be something to do about the gate's lease. */
  tend: (gate: HostGate) => void;
}

/**
 * The gate of a host in this process. While it is leased, whoever wants a turn gets one in turn, as the delay,
 * the number at once and the health of the host allow. With a delay there is one request at a time, and the
 * delay counts from its end.
 */
export class HostGate {
  readonly seats = new Set<Seat>();
  lease: Lease | undefined;
  health: HostHealth;
  /** Another process waits for it: nothing is begun any more until it was given back. */
  yielding = false;
  /** There is news of the host that the store does not have. */
  isDirty = false;
  /** When nobody had anything to do with it any more. */
  idleSince: number;
  /** Not before this is a lease asked for again. */
  askAgainAt = -Infinity;
  /** Since the lease was granted. */
  turnCount = 0;
  /** Those that want a turn, in turn. */
  #waiting: Seat[] = [];
  #openCount = 0;
  #nextAt = -Infinity;
  #lastEndAt = -Infinity;
  #cancelTimer: (() => void) | undefined;
  #isServing = false;

  constructor(
    readonly host: string,
    private readonly parts: GateParts,
  ) {
    this.health = new HostHealth({ failures: 0, trouble: '', downSinceAt: 0 }, parts.patience);
    this.idleSince = parts.timer.now();
  }

  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  get openCount(): number {
    return this.#openCount;
  }

  get isIdle(): boolean {
    return this.#openCount === 0 && this.#waiting.length === 0;
  }

  /** The longest that anybody who is at this gate wants. */
  get delayMs(): number {
    let delayMs = 0;
    for (const { terms } of this.seats) delayMs = Math.max(delayMs, terms.delayMs);
    return delayMs;
  }

  /** How long until the next request may be sent, the lease apart. */
  waitMs(now: number): number {
    const keepsDelay = this.#lastEndAt + this.delayMs + this.health.extraDelayMs;
    return Math.max(0, Math.max(this.#nextAt, keepsDelay, this.health.pausedUntil) - now);
  }

  join(terms: SeatTerms, visitor: Visitor): Seat {
    const seat = new Seat(this, { ...terms }, visitor);
    this.seats.add(seat);
    return seat;
  }

  leave(seat: Seat): void {
    this.seats.delete(seat);
    this.#waiting = this.#waiting.filter((other) => other !== seat);
    if (this.isIdle) this.#goIdle();
  }

  want(seat: Seat): void {
    if (this.#waiting.includes(seat)) return;
    this.#waiting.push(seat);
    if (this.lease === undefined) this.parts.tend(this);
    else this.serve();
  }

  /** The lease begins: what the process before knew of the host counts here. */
  granted(lease: Lease, waitMs: number, state: HostState): void {
    const now = this.parts.timer.now();
    this.lease = lease;
    this.yielding = false;
    this.isDirty = false;
    this.turnCount = 0;
    const { pausedUntil, extraDelayMs } = this.health;
    this.health = new HostHealth(state, this.parts.patience);
    Object.assign(this.health, { pausedUntil, extraDelayMs });
    this.#nextAt = Math.max(this.#nextAt, now + waitMs);
    this.#tellPause(now);
    this.serve();
  }

  ended(): void {
    this.lease = undefined;
    this.yielding = false;
    this.#sleep(undefined);
  }

  /** What the store is to know of it. */
  held(): HeldGate | undefined {
    if (this.lease === undefined) return undefined;
    const now = this.parts.timer.now();
    const { host, health } = this;
    const delayMs = Math.ceil(this.delayMs + health.extraDelayMs);
    // The delay of a request that is still open counts from now at the earliest.
    const waitMs = Math.ceil(Math.max(this.waitMs(now), this.#openCount > 0 ? delayMs : 0));
    return { host, fence: this.lease.fence, delayMs, waitMs, state: health.state };
  }

  /** Gives turns to those who wait, as far as that is possible now. */
  serve(): void {
    // A visitor that is offered a turn may end another one.
    if (this.#isServing) return;
    this.#isServing = true;
    const { timer } = this.parts;
    for (let now = timer.now(); this.#waiting.length > 0 && this.#mayBegin(now); now = timer.now()) {
      this.#offer(this.#waiting.shift() as Seat, now);
    }
    this.#isServing = false;
    const now = timer.now();
    this.#sleep(this.isWanted && this.lease !== undefined ? this.waitMs(now) : undefined);
    if (this.isIdle) this.#goIdle();
  }

  #offer(seat: Seat, startedAt: number): void {
    const lease = this.lease as Lease;
    const { timer, wallNow, tend, random } = this.parts;
    let isOpen = true;
    this.#openCount++;
    seat.openCount++;
    const turn: Turn = {
      maySend: () => isOpen && this.lease === lease && timer.now() < lease.until,
      end: (outcome) => {
        if (!isOpen) return;
        isOpen = false;
        this.#openCount--;
        seat.openCount--;
        const now = timer.now();
        if (outcome.kind !== 'unsent') {
          const pauseMs = seat.terms.waitTimeMs * random();
          this.#lastEndAt = now;
          this.#nextAt = Math.max(this.#nextAt, now + this.delayMs + pauseMs);
        }
        if (this.health.report(outcome, startedAt, now, wallNow())) {
          this.isDirty = true;
          tend(this);
          this.#tellPause(now);
        }
        if (this.yielding && this.#openCount === 0) tend(this);
        this.serve();
      },
    };
    if (seat.visitor.offer(turn)) this.turnCount++;
    else {
      isOpen = false;
      this.#openCount--;
      seat.openCount--;
    }
  }

  #mayBegin(now: number): boolean {
    if (this.lease === undefined || this.yielding || now >= this.lease.until) return false;
    return this.#openCount < this.#atOnce() && this.waitMs(now) <= 0;
  }

  #atOnce(): number {
    if (this.delayMs > 0 || this.health.extraDelayMs > 0 || this.health.state.failures > 0) return 1;
    let atOnce = Infinity;
    for (const { terms } of this.seats) {
      if (terms.waitTimeMs > 0) return 1;
      atOnce = Math.min(atOnce, terms.concurrency);
    }
    return atOnce;
  }

  #tellPause(now: number): void {
    const ms = this.waitMs(now);
    for (const { visitor } of this.seats) visitor.paused?.(ms);
  }

  #goIdle(): void {
    this.idleSince = this.parts.timer.now();
    if (this.lease !== undefined) this.parts.tend(this);
  }

  #sleep(ms: number | undefined): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (ms === undefined || ms <= 0) return;
    this.#cancelTimer = this.parts.timer.after(ms, () => this.serve());
  }
}

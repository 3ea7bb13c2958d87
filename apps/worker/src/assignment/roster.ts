import type { Session } from '@app/etcd';
import type { Assignment } from './assignment.js';
import type { AssignmentSink } from './assignment-feed.js';
import { Seat, type SeatParts, type TaskState, type TaskStatus } from './seat.js';

interface Entry {
  /** What is to be run; undefined when it went to another worker. */
  wanted: Assignment | undefined;
  seat: Seat | undefined;
  /** Of the seat before. */
  before?: TaskStatus;
  /** One at a time brings what is in line with what is wanted; it looks again before it ends. */
  isSettling: boolean;
  settled: Promise<void>;
}

/**
 * What this worker is to crawl, brought to life: a seat for each assignment of the latest epoch while there is
 * a session, none otherwise. For one name, a seat begins only when the one before has really ended.
 */
export class Roster implements AssignmentSink {
  readonly #entries = new Map<string, Entry>();
  #session: Session | undefined;
  /** Why there is no session. */
  #dropped = '';

  readonly #running = new Set<string>();
  private readonly parts: SeatParts;

  constructor(parts: SeatParts) {
    const onChange: SeatParts['onChange'] = (name, inStore) => {
      if (this.#entries.get(name)?.seat?.status.state === 'running') this.#running.add(name);
      else this.#running.delete(name);
      parts.onChange(name, inStore);
    };
    this.parts = { ...parts, onChange };
  }

  assign(assignment: Assignment): void {
    const entry = this.#entries.get(assignment.name) ?? {
      wanted: undefined,
      seat: undefined,
      isSettling: false,
      settled: Promise.resolve(),
    };
    this.#entries.set(assignment.name, entry);
    entry.wanted = assignment;
    this.#settle(assignment.name, entry);
    this.parts.onChange(assignment.name, true);
  }

  unassign(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.wanted = undefined;
    this.#settle(name, entry);
    this.parts.onChange(name, false);
  }

  /** Takes the assignments up, until that session is lost or another comes. */
  hold(session: Session): void {
    this.#session = session;
    session.lost.addEventListener('abort', () => void this.drop(LEASE_LOST, session), { once: true });
    if (session.lost.aborted) void this.drop(LEASE_LOST, session);
    else for (const [name, entry] of this.#entries) this.#settle(name, entry);
  }

  /** Ends what runs under that session (under any, without one). Resolves when nothing of it runs any more. */
  async drop(reason: string, session = this.#session): Promise<void> {
    if (this.#session === session) this.#session = undefined;
    this.#dropped = reason;
    for (const [name, entry] of this.#entries) this.#settle(name, entry);
    await Promise.all([...this.#entries.values()].map((entry) => entry.settled));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of all that is assigned. */
  *names(): IterableIterator<string> {
    for (const [name, { wanted }] of this.#entries) if (wanted !== undefined) yield name;
  }

  /** Whether it is assigned. */
  has(name: string): boolean {
    return this.#entries.get(name)?.wanted !== undefined;
  }

  status(name: string): (TaskStatus & { assignment: Assignment }) | undefined {
    const entry = this.#entries.get(name);
    if (entry?.wanted === undefined) return undefined;
    const unseated: TaskStatus = {
      state: 'pending',
      reason: 'waits for the registration',
      cause: 'registration',
      sinceAt: Date.now(),
    };
    return { ...(entry.seat?.status ?? unseated), assignment: entry.wanted };
  }

  /** The names of those that run. */
  running(): string[] {
    return [...this.#running];
  }

  /** How many there are in each state. */
  counts(): Record<TaskState, number> {
    const counts = { pending: 0, running: 0, paused: 0, done: 0, failed: 0 };
    for (const { seat } of this.#entries.values()) counts[seat?.status.state ?? 'pending']++;
    return counts;
  }

  #settle(name: string, entry: Entry): void {
    // At once, though the rest has to wait for what is under way.
    if (entry.seat !== undefined && !this.#isWanted(entry, entry.seat))
      void entry.seat.end(this.#whyNot(entry));
    if (entry.isSettling) return;
    entry.isSettling = true;
    entry.settled = this.#bringInLine(name, entry);
  }

  async #bringInLine(name: string, entry: Entry): Promise<void> {
    try {
      for (;;) {
        const { seat, wanted } = entry;
        if (seat !== undefined) {
          if (this.#isWanted(entry, seat)) return;
          await seat.end(this.#whyNot(entry));
          entry.seat = undefined;
          entry.before = seat.status;
          this.parts.onChange(name, false);
        } else if (wanted === undefined) {
          this.#entries.delete(name);
          return;
        } else if (this.#session === undefined) return;
        else {
          entry.seat = new Seat(wanted, this.#session, this.parts, entry.before);
          this.parts.onChange(name, false);
        }
      }
    } finally {
      // Before anyone else can act: who comes now starts another.
      entry.isSettling = false;
    }
  }

  #whyNot({ wanted, seat }: Entry): string {
    if (wanted === undefined) return 'it was assigned to another worker, or deleted';
    return seat?.assignment === wanted ? this.#dropped : 'what is wanted of it has changed';
  }

  #isWanted({ wanted }: Entry, seat: Seat): boolean {
    return seat.assignment === wanted && seat.session === this.#session;
  }
}

const LEASE_LOST = 'this worker cannot be sure any more that it is known to the cluster';

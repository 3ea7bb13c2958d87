import { randomBytes } from 'node:crypto';
import { OrbweaverError } from '@app/errors';
import type { cluster } from '@app/proto';
import { timestampOf } from '../cluster-view/resource-message.js';
import { isSame } from './same-event.js';

export type Happening = Pick<cluster.ClusterEvent, 'kind' | 'message' | 'subject'> &
  Partial<Pick<cluster.ClusterEvent, 'to' | 'count'>>;

/**
 * What this master has seen happen, the latest thousand, for whoever wants to follow. All followers read the same
 * memory, each at its own pace; one that falls behind it is ended and begins again with what there is.
 *
 * It begins with what another master remembers, if there is one: until that is known (`takeOver`), followers wait.
 */
export class EventLog {
  private events: cluster.ClusterEvent[] = [];
  /** How many there have been. */
  private total = 0;
  /** Of this process; the number after it counts what was noted here. */
  private readonly origin = randomBytes(4).toString('hex');
  private notedCount = 0;
  private isComplete = false;
  /** What was taken over and may be noted here as well: the other master may have seen it first. */
  private twice: cluster.ClusterEvent[] = [];
  private readonly closed = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly capacity = 1_000,
    private readonly now: () => Date = () => new Date(),
  ) {}

  add({ kind, message, subject, to = '', count = 0 }: Happening): void {
    const id = `${this.origin}-${++this.notedCount}`;
    this.remember({ id, at: timestampOf(this.now()), kind, message, subject, to, count });
    this.wake();
  }

  /** Once. What was noted here before stays, but for what the other has seen too. */
  takeOver(remembered: readonly cluster.ClusterEvent[]): void {
    const since = timestampOf(new Date(this.now().getTime() - KEPT_MS)).seconds;
    const own = this.events;
    this.events = remembered.filter(({ at }) => (at?.seconds ?? 0n) >= since).slice(-this.capacity);
    this.total = this.events.length;
    this.twice = [...this.events];
    for (const event of own) this.remember(event);
    this.isComplete = true;
    this.wake();
  }

  /** What is remembered by now; nothing before it is complete. */
  list(): readonly cluster.ClusterEvent[] {
    return this.isComplete ? this.events : [];
  }

  /** What came after that event, then each as it is added, until the signal fires or this master closes. */
  async *follow(after: string, signal: AbortSignal): AsyncGenerator<cluster.ClusterEvent, void, undefined> {
    const over = AbortSignal.any([signal, this.closed.signal]);
    while (!this.isComplete && !over.aborted) await this.more(over);
    let seen = this.positionOf(after);
    while (!over.aborted) {
      const event = this.at(seen);
      if (event === undefined) await this.more(over);
      else {
        yield event;
        seen++;
      }
    }
  }

  /** Ends all who follow. */
  close(): void {
    this.closed.abort();
  }

  private remember(event: cluster.ClusterEvent): void {
    const known = this.twice.findIndex((other) => isSame(event, other));
    if (known >= 0) {
      this.twice.splice(known, 1);
      return;
    }
    this.total++;
    this.events.push(event);
    if (this.events.length > this.capacity) this.events.shift();
  }

  private wake(): void {
    for (const wake of this.waiting) wake();
  }

  private get forgotten(): number {
    return this.total - this.events.length;
  }

  /** How many came up to and with that event; those that are forgotten if it is not remembered. */
  private positionOf(id: string): number {
    return this.forgotten + this.events.findIndex((event) => event.id === id) + 1;
  }

  private at(position: number): cluster.ClusterEvent | undefined {
    if (position < this.forgotten) {
      throw new OrbweaverError('RESOURCE_EXHAUSTED', 'events were missed: watch again');
    }
    return this.events[position - this.forgotten];
  }

  private async more(over: AbortSignal): Promise<void> {
    let wake = (): void => undefined;
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.waiting.add(wake);
        over.addEventListener('abort', wake);
      });
    } finally {
      this.waiting.delete(wake);
      over.removeEventListener('abort', wake);
    }
  }
}

/** What others remember may be of any age, handed from master to master. */
const KEPT_MS = 7 * 24 * 3_600_000;

import { randomBytes } from 'node:crypto';
import { OrbweaverError } from '@app/errors';
import type { cluster } from '@app/proto';
import { timestampOf } from '../cluster-view/resource-message.js';

export type Happening = Pick<cluster.ClusterEvent, 'kind' | 'message' | 'subject'> &
  Partial<Pick<cluster.ClusterEvent, 'to' | 'count'>>;

/**
 * What this master has seen happen, the latest thousand, for whoever wants to follow. All followers read the same
 * memory, each at its own pace; one that falls behind it is ended and begins again with what there is.
 */
export class EventLog {
  private readonly events: cluster.ClusterEvent[] = [];
  /** How many there have been. */
  private total = 0;
  /** Tells this memory from that of another process. */
  private readonly origin = randomBytes(4).toString('hex');
  private readonly closed = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly capacity = 1_000,
    private readonly now: () => Date = () => new Date(),
  ) {}

  add({ kind, message, subject, to = '', count = 0 }: Happening): void {
    const id = `${this.origin}-${++this.total}`;
    this.events.push({ id, at: timestampOf(this.now()), kind, message, subject, to, count });
    if (this.events.length > this.capacity) this.events.shift();
    for (const wake of this.waiting) wake();
  }

  /** What came after that event, then each as it is added, until the signal fires or this master closes. */
  async *follow(after: string, signal: AbortSignal): AsyncGenerator<cluster.ClusterEvent, void, undefined> {
    const over = AbortSignal.any([signal, this.closed.signal]);
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

  private get forgotten(): number {
    return this.total - this.events.length;
  }

  /** How many came up to and with that event; those that are forgotten if it is not remembered. */
  private positionOf(id: string): number {
    const [origin, number] = id.split('-');
    const position = origin === this.origin ? Number(number) : Number.NaN;
    return position >= this.forgotten && position <= this.total ? position : this.forgotten;
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

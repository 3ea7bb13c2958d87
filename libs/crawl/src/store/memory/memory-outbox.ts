import type { OutboxMessage } from '../frontier.js';
import type { Outbox, OutboxEntry } from '../outbox.js';

export class MemoryOutbox implements Outbox {
  readonly #entries = new Map<string, OutboxEntry & { dueAt: number }>();
  #lastId = 0;

  constructor(private readonly now: () => number) {}

  add(resource: string, { url, body }: OutboxMessage): void {
    const id = String(++this.#lastId);
    const createdAt = this.now();
    this.#entries.set(id, { id, resource, url, body, attempt: 0, createdAt, dueAt: createdAt });
  }

  async lease(limit: number, leaseMs: number): Promise<OutboxEntry[]> {
    const now = this.now();
    const due = [...this.#entries.values()].filter(({ dueAt }) => dueAt <= now).slice(0, limit);
    return due.map((entry) => {
      entry.dueAt = now + leaseMs;
      const { dueAt: _, ...given } = entry;
      return given;
    });
  }

  async settle(id: string, retryInMs: number | undefined): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (retryInMs === undefined) this.#entries.delete(id);
    else Object.assign(entry, { attempt: entry.attempt + 1, dueAt: this.now() + retryInMs });
  }
}

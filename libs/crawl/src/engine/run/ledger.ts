import type { AckAnswer, AckBatch, Claim, PageResult } from '../../store/frontier.js';
import type { Task } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import { AckBuffer } from './ack-buffer.js';
import type { RunMemory } from './run-memory.js';
import { SeenUrls } from './seen-urls.js';

export interface LedgerEvents {
  /** The store knows these. */
  settled: (results: readonly PageResult[]) => void;
  /** The run has as many items as it may. */
  full: (reason: string) => void;
  /** The store does not take what came of pages, and never will. */
  broken: (error: unknown) => void;
  /** It does not answer. */
  troubled: (error: unknown) => void;
}

/** What came of the pages of a run, on its way into the store. */
export class Ledger {
  readonly #acks: AckBuffer;
  readonly #seen: SeenUrls;
  readonly #startedAt: number;
  #room: number;
  #itemCount: number;
  #savedAt: number;

  constructor(
    private readonly parts: CrawlParts,
    private readonly task: Task,
    claim: Claim,
    private readonly memory: RunMemory,
    private readonly events: LedgerEvents,
  ) {
    const { timer, store, seenCapacity } = parts;
    this.#seen = new SeenUrls(seenCapacity);
    this.#startedAt = this.#savedAt = timer.now();
    this.#room = claim.room;
    this.#itemCount = claim.itemCount;
    this.#acks = new AckBuffer({
      ack: (batch) => store.frontier.ack(claim, batch),
      prepare: (results) => this.#prepare(results),
      acked: (results, answer, tookMs) => this.#acked(results, answer, tookMs),
      failed: events.broken,
      troubled: events.troubled,
      timer,
    });
  }

  /** Whether there is room for more pages in the crawl. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  get isFull(): boolean {
    return this.#acks.isFull;
  }

  get isEmpty(): boolean {
    return this.#acks.isEmpty;
  }

  /** Whether the run may not have discovered it before. */
  isNews(url: string): boolean {
    return this.#seen.isNews(url);
  }

  forgetSeen(): void {
    this.#seen.forget();
  }

  add(result: PageResult): void {
    if (result.state === 'done' || result.state === 'unchanged') this.memory.hasGood = true;
    this.#acks.add(result);
  }

  /** Writes what is left, and the memory of the run. Rejects when the store does not take it. */
  flush(): Promise<void> {
    this.#savedAt = -Infinity;
    return this.#acks.flush();
  }

  #prepare(results: PageResult[]): AckBatch {
    const { maxItems } = this.task.spec;
    if (maxItems !== undefined) {
      let left = maxItems - (this.#itemCount - this.memory.itemsBefore);
      for (const result of results) {
        if (result.items.length > left) result.items = result.items.slice(0, Math.max(0, left));
        left -= result.items.length;
      }
    }
    const now = this.parts.timer.now();
    if (now - this.#savedAt < SAVE_MS) return { results };
    this.#savedAt = now;
    return { results, memory: this.memory.encode(this.memory.spentMs + now - this.#startedAt) };
  }

  #acked(results: readonly PageResult[], { room, itemCount }: AckAnswer, tookMs: number): void {
    const { observer } = this.parts;
    this.#room = room;
    this.#itemCount = itemCount;
    // Redirects may make room again, for what was left out now.
    if (room === 0) this.#seen.forget();
    this.events.settled(results);
    for (const result of results) if (result.state !== 'retry') observer.page?.(this.task.name, result);
    if (results.length > 0) observer.acked?.(results.length, tookMs);
    const { maxItems } = this.task.spec;
    if (maxItems !== undefined && itemCount - this.memory.itemsBefore >= maxItems) {
      this.events.full(`it has ${maxItems} items, as many as it may`);
    }
  }
}

const SAVE_MS = 2_000;

import type { AckAnswer, AckBatch, Claim, PageResult } from '../../store/frontier.js';
import type { LogLine } from '../../store/task-logs.js';
import type { HostWait } from '../../task/host-wait.js';
import type { Task } from '../../task/task-runner.js';
import type { CrawlParts } from '../crawl-parts.js';
import type { RunLines } from '../log/run-lines.js';
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
  lines: () => RunLines;
}

/** What came of the pages of a run, on its way into the store. */
export class Ledger {
  readonly #acks: AckBuffer;
  readonly #seen: SeenUrls;
  readonly #startedAt: number;
  #room: number;
  #itemCount: number;
  #savedAt = -Infinity;
  /** Since when the store takes nothing, and why. */
  #trouble: { since: number; reason: string } | undefined;

  constructor(
    private readonly parts: CrawlParts,
    private readonly task: Task,
    claim: Claim,
    private readonly memory: RunMemory,
    private readonly events: LedgerEvents,
  ) {
    const { timer, store, seenCapacity } = parts;
    this.#seen = new SeenUrls(seenCapacity);
    this.#startedAt = timer.now();
    this.#room = claim.room;
    this.#itemCount = claim.itemCount;
    this.#acks = new AckBuffer({
      ack: (batch) => store.frontier.ack(claim, batch),
      prepare: (results) => this.#prepare(results),
      acked: (results, answer, tookMs) => this.#acked(results, answer, tookMs),
      failed: events.broken,
      troubled: (error) => {
        this.#trouble ??= { since: timer.now(), reason: '' };
        this.#trouble.reason = reasonOf(error);
        events.troubled(error);
      },
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

  /** How long the run has taken, whoever was at it. */
  get spentMs(): number {
    return this.memory.spentMs + this.parts.timer.now() - this.#startedAt;
  }

  /** Why what came of pages is not written at this moment, if that lasts. */
  wait(): HostWait | undefined {
    const { waitedMs } = this.#acks;
    if (this.#trouble === undefined && waitedMs < SLOW_MS) return undefined;
    const waited = `it has taken nothing for ${Math.round(waitedMs / 1_000)} s`;
    return { host: '', for: 'store', forMs: 0, reason: this.#trouble?.reason ?? waited };
  }

  add(result: PageResult, lines: readonly LogLine[]): void {
    if (result.state === 'done' || result.state === 'unchanged') this.memory.hasGood = true;
    this.#acks.add(result, lines);
  }

  /** False: there is no room for the line. */
  say(line: LogLine): boolean {
    return this.#acks.say(line);
  }

  /** Nothing more is written. Gives the lines that were not. */
  close(): Promise<LogLine[]> {
    return this.#acks.close();
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
    return { results, memory: this.memory.encode(this.spentMs, this.parts.writer.nodeId) };
  }

  #acked(results: readonly PageResult[], { room, itemCount }: AckAnswer, tookMs: number): void {
    const { observer, timer } = this.parts;
    const lines = this.events.lines();
    if (this.#trouble !== undefined) {
      lines.storeWasAway(timer.now() - this.#trouble.since, this.#trouble.reason);
      this.#trouble = undefined;
    } else if (tookMs > SLOW_MS) lines.storeWasSlow(tookMs, results.length);
    if (room === 0) lines.hasNoRoom(this.task.spec.maxPages);
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const SAVE_MS = 2_000;
/** A store that takes longer is said to be slow. */
const SLOW_MS = 2_000;

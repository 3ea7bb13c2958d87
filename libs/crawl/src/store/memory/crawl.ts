import { HISTORY_STEP_MS, HISTORY_STEPS, type HistoryStep } from '../results.js';
import type { ClaimRequest, CrawlState, Discovery, PageResult, TakenPage } from '../frontier.js';

/** One crawl of the memory store. */
export class Crawl {
  state: CrawlState = 'open';
  reason = '';
  sinceAt = 0;
  claimNumber = 0;
  memory = '';
  lastError = '';
  steps: HistoryStep[] = [];
  readonly statuses = new Map<number, number>();
  readonly pages: Page[] = [];
  readonly #urls = new Set<string>();

  constructor(
    readonly id: number,
    public request: ClaimRequest,
  ) {}

  get room(): number {
    return Math.max(0, this.request.maxPages - this.pages.length + this.count('redirected'));
  }

  get itemCount(): number {
    return this.pages.reduce((sum, { items }) => sum + items.length, 0);
  }

  /** Those to be fetched, of which some wait. */
  get queued(): Page[] {
    return this.pages.filter(({ state }) => state === 'queued');
  }

  count(state: Page['state']): number {
    return this.pages.filter((page) => page.state === state).length;
  }

  /** Redirects make no page more than there was: their target takes the place of the page that led there. */
  discover(discovery: Discovery): void {
    if (this.room === 0 || this.#urls.has(discovery.url)) return;
    this.#urls.add(discovery.url);
    this.pages.push({
      ...discovery,
      seq: this.pages.length + 1,
      state: 'queued',
      attempt: 0,
      dueAt: 0,
      etag: '',
      lastModified: '',
      items: [],
    });
  }

  /** Adds what came of a page to its history, after its pages have changed. */
  note({ state, status, bytes, items, error }: PageResult, now: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (state === 'retry') return;
    if (state === 'failed') this.noteFailed(1, error, now);
    const step = this.#step(now);
    step.bytes += bytes;
    if (state === 'done' || state === 'unchanged') step.doneCount++;
    if (state === 'done') step.itemCount += items.length;
  }

  noteFailed(count: number, reason: string, now: number): void {
    this.lastError = reason;
    this.#step(now).failedCount += count;
  }

  #step(now: number): HistoryStep {
    const at = Math.floor(now / HISTORY_STEP_MS) * HISTORY_STEP_MS;
    let step = this.steps.find((each) => each.at === at);
    if (step === undefined) {
      step = { at, doneCount: 0, failedCount: 0, itemCount: 0, bytes: 0, queuedCount: 0 };
      this.steps = [...this.steps, step].sort((a, b) => a.at - b.at).slice(-HISTORY_STEPS);
    }
    step.queuedCount = this.count('queued');
    return step;
  }

  again(page: Page): void {
    page.state = 'queued';
    page.attempt = 0;
    page.dueAt = 0;
  }

  open(now: number): void {
    this.state = 'open';
    this.reason = '';
    this.sinceAt = now;
  }
}

export interface Page extends TakenPage {
  state: 'queued' | 'done' | 'redirected' | 'failed';
  /** When a page that waits for another attempt may be taken. */
  dueAt: number;
  /** The last one that settled it. */
  settled?: Settled;
  items: Item[];
}

export type Settled = Pick<PageResult, 'status' | 'title' | 'bytes' | 'error' | 'fetchedAt'>;

export interface Item {
  number: number;
  fetchedAt: number;
  epoch: bigint;
  run: number;
  data: string;
  traceId: string;
}

export function byPriority(a: TakenPage, b: TakenPage): number {
  return b.priority - a.priority || a.depth - b.depth || a.seq - b.seq;
}

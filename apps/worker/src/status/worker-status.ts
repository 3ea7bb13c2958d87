import type { PageResult, PageStore, TaskProgress } from '@app/crawl';
import { productVersion } from '@app/config';
import { OrbweaverError } from '@app/errors';
import type { worker as proto } from '@app/proto';
import type { Roster } from '../assignment/roster.js';
import type { LifeCycle } from '../life-cycle/life-cycle.js';
import { PageRate } from './page-rate.js';

/** What this worker says of itself and of its store. */
export class WorkerStatus {
  readonly #startedAt = Date.now();
  readonly #rate = new PageRate();
  #pageCount = 0n;
  #errorCount = 0n;

  constructor(
    private readonly id: string,
    private readonly nodeId: string,
    private readonly lifeCycle: LifeCycle,
    private readonly roster: Roster,
    private readonly store: PageStore,
  ) {}

  count(result: PageResult): void {
    this.#rate.count();
    this.#pageCount++;
    if (result.state === 'failed') this.#errorCount++;
  }

  worker(): proto.WorkerStatus {
    return {
      id: this.id,
      state: this.lifeCycle.state,
      startedAt: timestamp(this.#startedAt),
      assigned: this.roster.size,
      running: this.roster.counts().running,
      pages: this.#pageCount,
      errors: this.#errorCount,
      pagesPerSecond: this.#rate.perSecond(),
      version: productVersion(),
    };
  }

  /** Throws NOT_FOUND for a task that is neither assigned nor in the store. */
  async task(name: string): Promise<proto.TaskStatus> {
    const assigned = this.roster.status(name);
    const progress = await this.store.progress(name);
    if (assigned === undefined && progress === undefined)
      throw new OrbweaverError('NOT_FOUND', 'no such task');
    const { state, reason, sinceAt } = assigned ?? remembered(progress as TaskProgress);
    return {
      name,
      state,
      reason,
      pagesDone: BigInt(progress?.doneCount ?? 0),
      pagesQueued: BigInt(progress?.queuedCount ?? 0),
      pagesFailed: BigInt(progress?.failedCount ?? 0),
      since: timestamp(state === 'done' ? (progress?.sinceAt ?? sinceAt) : sinceAt),
      nodeId: assigned === undefined ? '' : this.nodeId,
      epoch: assigned?.assignment.epoch ?? progress?.epoch ?? 0n,
      items: 0n,
      pagesPerSecond: 0,
      run: 1,
      retry: 0,
      waiting: [],
    };
  }

  async tasks({ names }: proto.ListTasksRequest): Promise<proto.ListTasksResponse> {
    const settled = await Promise.allSettled(names.map((name) => this.task(name)));
    return { tasks: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])) };
  }

  async pages({ name, pageSize, pageToken }: proto.ListPagesRequest): Promise<proto.ListPagesResponse> {
    if (name === '') throw invalid('the name of a task is missing');
    if (pageSize < 0 || pageSize > MAX_PAGE_SIZE) {
      throw invalid(
        `page_size is between 1 and ${MAX_PAGE_SIZE}, or 0 for ${DEFAULT_PAGE_SIZE}: ${pageSize}`,
      );
    }
    if (!/^\d{0,15}$/.test(pageToken))
      throw invalid('page_token is not one that was given by an earlier call');
    const size = pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize;
    const pages = await this.store.pages(name, Number(pageToken), size);
    if (pages.length === 0 && this.roster.status(name) === undefined) {
      if ((await this.store.progress(name)) === undefined)
        throw new OrbweaverError('NOT_FOUND', 'no such task');
    }
    return {
      pages: pages.map(({ url, status, title, depth, fetchedAt, bytes, error, state }) => ({
        url,
        status,
        title,
        depth,
        fetchedAt: timestamp(fetchedAt),
        bytes: BigInt(bytes),
        error,
        state,
        attempts: 1,
        rule: '',
      })),
      nextPageToken: pages.length < size ? '' : String(pages.at(-1)?.seq),
    };
  }
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;

/** A task of the store that another worker has now, or none. */
function remembered(progress: TaskProgress) {
  return progress.state === 'done'
    ? { state: 'done', reason: '', sinceAt: progress.sinceAt }
    : { state: 'pending', reason: 'not assigned to this worker', sinceAt: progress.sinceAt };
}

function timestamp(at: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(at / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round((at - seconds * 1_000) * 1_000_000) };
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}

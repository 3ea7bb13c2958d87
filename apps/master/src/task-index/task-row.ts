import type { worker } from '@app/proto';

/** A task's status in less memory than the message takes, of which there may be a hundred thousand. */
export interface TaskRow {
  readonly state: string;
  readonly pagesDone: number;
  readonly pagesQueued: number;
  readonly pagesFailed: number;
  readonly items: number;
  readonly pagesPerSecond: number;
  /** In milliseconds since 1970; NaN when the worker does not say. */
  readonly since: number;
  readonly epoch: bigint;
  readonly run: number;
  readonly retry: number;
  readonly endedHere: boolean;
  /** What few of them have. */
  readonly more: More | undefined;
  /** The stream of its worker that told it. */
  readonly stream: number;
}

type More = Pick<worker.TaskStatus, 'reason' | 'cause' | 'lastError' | 'traceId' | 'waiting'>;

export function rowOf(status: worker.TaskStatus, stream: number): TaskRow {
  const { reason, cause, lastError, traceId, waiting, since } = status;
  const hasMore = reason !== '' || cause !== '' || lastError !== '' || traceId !== '' || waiting.length > 0;
  return {
    state: STATES.get(status.state) ?? status.state,
    pagesDone: Number(status.pagesDone),
    pagesQueued: Number(status.pagesQueued),
    pagesFailed: Number(status.pagesFailed),
    items: Number(status.items),
    pagesPerSecond: status.pagesPerSecond,
    since: since === undefined ? Number.NaN : Number(since.seconds) * 1_000 + since.nanos / 1_000_000,
    epoch: status.epoch,
    run: status.run,
    retry: status.retry,
    endedHere: status.endedHere,
    more: hasMore ? { reason, cause, lastError, traceId, waiting } : undefined,
    stream,
  };
}

export function statusOf(row: TaskRow, name: string, nodeId: string): worker.TaskStatus {
  return {
    name,
    state: row.state,
    endedHere: row.endedHere,
    reason: row.more?.reason ?? '',
    cause: row.more?.cause ?? '',
    pagesDone: BigInt(row.pagesDone),
    pagesQueued: BigInt(row.pagesQueued),
    pagesFailed: BigInt(row.pagesFailed),
    since: Number.isNaN(row.since) ? undefined : instant(row.since),
    nodeId,
    epoch: row.epoch,
    items: BigInt(row.items),
    pagesPerSecond: row.pagesPerSecond,
    run: row.run,
    retry: row.retry,
    waiting: row.more?.waiting ?? [],
    lastError: row.more?.lastError ?? '',
    traceId: row.more?.traceId ?? '',
  };
}

/** One text for each, however often it was decoded. */
const STATES = new Map(['pending', 'running', 'paused', 'done', 'failed'].map((state) => [state, state]));

function instant(ms: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1_000) * 1_000_000) };
}

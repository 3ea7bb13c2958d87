import type { PageResult } from '@app/crawl';

/** What results add to a crawl's history. */
export interface Tally {
  /** Of results that settle their page; the others are tried again. */
  settledCount: number;
  doneCount: number;
  failedCount: number;
  itemCount: number;
  bytes: number;
  /** How often each status was the answer. */
  statuses: Map<number, number>;
  /** Why the last page of them that failed did so; undefined when none has. */
  lastError: string | undefined;
}

/** Of results that were taken: none of them for an attempt that is over. */
export function tallyOf(results: readonly PageResult[]): Tally {
  const tally = tallyOfFailed(0, undefined);
  for (const { state, status, bytes, items, error } of results) {
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
    if (state === 'retry') continue;
    tally.settledCount++;
    tally.bytes += bytes;
    if (state === 'done' || state === 'unchanged') tally.doneCount++;
    if (state === 'done') tally.itemCount += items.length;
    if (state === 'failed') {
      tally.failedCount++;
      tally.lastError = error;
    }
  }
  return tally;
}

/** Of pages that failed without being asked for. */
export function tallyOfFailed(count: number, lastError: string | undefined): Tally {
  return {
    settledCount: count,
    doneCount: 0,
    failedCount: count,
    itemCount: 0,
    bytes: 0,
    statuses: new Map(),
    lastError,
  };
}

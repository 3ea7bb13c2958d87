import { setTimeout as delay } from 'node:timers/promises';
import type { Item, MasterApi, Resource, Spec } from '../api/master-api.js';
import { EXIT, Failure } from '../failure.js';

const POLL_MS = 100;

export interface Progress {
  readonly done: number;
  readonly queued: number;
  readonly failed: number;
  readonly items: number;
  readonly node: string;
}

export interface CrawlOptions {
  readonly api: MasterApi;
  readonly name: string;
  readonly spec: Spec;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Adds the task anew and waits until it is done. Throws a Failure with the reason when it fails or takes too long. */
export async function crawlSample(options: CrawlOptions): Promise<{ items: Item[]; progress: Progress }> {
  const { api, name, spec, deadlineMs, signal, onProgress } = options;
  const deadline = performance.now() + deadlineMs;
  // What an earlier demo left in an etcd that is kept would be done already.
  await whenAvailable(() => removed(api, name), deadline, signal);
  await whenAvailable(() => api.add(name, spec, false), deadline, signal);
  let last: Progress = { done: 0, queued: 0, failed: 0, items: 0, node: '' };
  while (performance.now() < deadline) {
    const resource = await whenAvailable(() => api.get(name), deadline, signal);
    const { task } = resource;
    last = progressOf(resource);
    onProgress(last);
    if (task?.state === 'failed') throw new Failure(EXIT.failed, `The sample crawl failed: ${task.reason}`);
    if (task?.state === 'done') {
      const { items } = await whenAvailable(() => api.items(name, { page_size: 10 }), deadline, signal);
      if (items.length > 0) return { items, progress: last };
      throw new Failure(EXIT.failed, 'The sample crawl is done, but no item is stored.');
    }
    await delay(POLL_MS, undefined, { signal });
  }
  throw new Failure(
    EXIT.failed,
    `The sample crawl was not done within ${deadlineMs / 1000} s: ` +
      `${last.done} pages done, ${last.queued} queued, ${last.failed} failed.`,
  );
}

/** Repeats what cannot be served yet: the workers are still registering, or the masters elect a leader. */
async function whenAvailable<T>(ask: () => Promise<T>, deadline: number, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const unavailable = error instanceof Failure && error.exitCode === EXIT.unavailable;
      if (!unavailable || performance.now() > deadline) throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

async function removed(api: MasterApi, name: string): Promise<void> {
  try {
    await api.delete(name);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== EXIT.notFound) throw error;
  }
}

function progressOf({ task, nodeId }: Resource): Progress {
  return {
    done: Number(task?.pagesDone ?? 0),
    queued: Number(task?.pagesQueued ?? 0),
    failed: Number(task?.pagesFailed ?? 0),
    items: Number(task?.items ?? 0),
    node: nodeId,
  };
}

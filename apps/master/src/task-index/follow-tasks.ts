import { status } from '@grpc/grpc-js';
import type { worker } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import { pause } from '../leadership/pause.js';
import type { TaskIndex } from './task-index.js';

export interface TaskStreams {
  watchTasks(node: NodeRef, signal: AbortSignal): AsyncIterable<worker.TaskChanges>;
}

/**
 * Keeps the index fed by every worker that is registered, until the signal fires. What a worker said is known for
 * a moment after its stream has broken, so that one that comes back at once leaves no gap.
 */
export function followTasks(
  workers: Pick<ServiceNodes, 'all' | 'onChange'>,
  streams: TaskStreams,
  index: TaskIndex,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): void {
  const followed = new Map<string, AbortController>();
  const follow = (node: NodeRef): void => {
    const gone = new AbortController();
    followed.set(node.id, gone);
    followWorker(node, streams, index, AbortSignal.any([gone.signal, signal])).catch(failed);
  };
  const unfollow = ({ id }: NodeRef): void => {
    followed.get(id)?.abort();
    followed.delete(id);
  };
  workers.onChange(({ joined, changed, gone }) => {
    if (signal.aborted) return;
    for (const node of [...gone, ...changed]) unfollow(node);
    for (const { id } of gone) index.drop(id);
    for (const node of [...joined, ...changed]) follow(node);
  });
  for (const node of workers.all()) follow(node);
}

async function followWorker(
  node: NodeRef,
  streams: TaskStreams,
  index: TaskIndex,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  let brokenAt = performance.now();
  while (!signal.aborted) {
    const mute = new AbortController();
    const timer = setTimeout(() => mute.abort(), FIRST_WORD_MS);
    try {
      let isOpen = false;
      for await (const changes of streams.watchTasks(node, AbortSignal.any([signal, mute.signal]))) {
        // Of a worker that is gone by now it would stay for ever.
        if (signal.aborted) return;
        if (!isOpen) index.begin(node.id);
        isOpen = true;
        clearTimeout(timer);
        waitMs = FIRST_WAIT_MS;
        brokenAt = Number.POSITIVE_INFINITY;
        index.apply(node.id, changes);
      }
    } catch (error) {
      if (signal.aborted) return;
      // One of a version before is asked task by task.
      const isOlder = error instanceof StatusError && error.status.code === status.UNIMPLEMENTED;
      if (isOlder) waitMs = MAX_WAIT_MS;
      else if (!(error instanceof StatusError) && !mute.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
    brokenAt = Math.min(brokenAt, performance.now());
    if (performance.now() - brokenAt >= KEPT_MS) index.drop(node.id);
    await pause(waitMs * (0.75 + Math.random() / 2), signal);
    waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
  }
}

const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 5_000;
/** How long a worker may take to begin. */
const FIRST_WORD_MS = 5_000;
/** How long what a worker said is known without it. */
const KEPT_MS = 1_500;

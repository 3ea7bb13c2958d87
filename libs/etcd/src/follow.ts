import { isOrbweaverError, OrbweaverError } from '@app/errors';
import { Backoff } from './backoff.js';
import type { Connections } from './connections.js';
import { listPages, type Page } from './list.js';
import { merge } from './merge.js';
import { watchSignals } from './watch.js';
import type { FollowBatch } from './watch-event.js';

export interface FollowOptions {
  signal: AbortSignal;
  prevKv?: boolean;
  /** Leaves the values out of the snapshot (not of the events). */
  keysOnly?: boolean;
  /** Entries a page of the snapshot, as in `listPages`. */
  pageSize?: number;
}

/**
 * All prefixes as they are at one revision, then all that happens to them from the next revision on, until the
 * signal fires. See FollowBatch for what is told. Only errors that repeating cannot mend (no permission) end it.
 */
export async function* followPrefixes(
  connections: Connections,
  prefixes: readonly string[],
  { signal, prevKv, ...list }: FollowOptions,
): AsyncGenerator<FollowBatch, void, undefined> {
  if (prefixes.length === 0) throw new OrbweaverError('INVALID_ARGUMENT', 'etcd: no prefix to follow');
  const backoff = new Backoff();
  let interrupted = false;
  while (!signal.aborted) {
    let revision: bigint | undefined;
    try {
      for await (const page of snapshot(connections, prefixes, { signal, ...list })) {
        interrupted = false;
        revision = page.revision;
        yield page;
      }
      backoff.reset();
      yield* watchAll(connections, prefixes, { fromRevision: revision! + 1n, prevKv, signal });
    } catch (error) {
      if (signal.aborted) return;
      if (isOrbweaverError(error, 'ETCD_UNAVAILABLE')) {
        if (!interrupted) yield { kind: 'interrupted', cause: error };
        interrupted = true;
      } else if (!isOrbweaverError(error, 'COMPACTED')) {
        throw error;
      }
      await backoff.wait(signal);
    }
  }
}

type SnapshotPage = Extract<FollowBatch, { kind: 'snapshot' }>;

async function* snapshot(
  connections: Connections,
  prefixes: readonly string[],
  list: Omit<FollowOptions, 'prevKv'>,
): AsyncGenerator<SnapshotPage, void, undefined> {
  let revision: bigint | undefined;
  let held: Page | undefined;
  let first = true;
  const page = (last: boolean): SnapshotPage => {
    const told: SnapshotPage = { kind: 'snapshot', ...held!, first, last };
    first = false;
    return told;
  };
  for (const prefix of prefixes) {
    for await (const next of listPages(connections, prefix, { ...list, revision })) {
      // One page is held back, to know of each whether it is the last.
      if (held && held.entries.length > 0) yield page(false);
      held = next;
      revision = next.revision;
    }
  }
  yield page(true);
}

/** Watches all prefixes as if they were one: interrupted with the first, resumed with the last of them. */
async function* watchAll(
  connections: Connections,
  prefixes: readonly string[],
  options: { fromRevision: bigint; prevKv?: boolean; signal: AbortSignal },
): AsyncGenerator<FollowBatch, void, undefined> {
  const leave = new AbortController();
  const signal = AbortSignal.any([options.signal, leave.signal]);
  const watches = prefixes.map((prefix) => watchSignals(connections, { prefix }, { ...options, signal }));
  let lost = 0;
  for await (const told of merge(watches, () => leave.abort())) {
    if (told.kind === 'interrupted' && ++lost > 1) continue;
    if (told.kind === 'resumed' && --lost > 0) continue;
    yield told;
  }
}

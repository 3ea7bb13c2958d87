import { OrbweaverError } from '@app/errors';
import { Backoff } from './backoff.js';
import type { Connections, Stream } from './connections.js';
import { translate, translateCancellation } from './errors.js';
import type { Target } from './key-value.js';
import { WATCH } from './methods.js';
import type { WatchBatch, WatchEvent } from './watch-event.js';
import { encodeWatchCreate } from './wire/requests.js';
import type { WatchResponse } from './wire/responses.js';

export type WatchSignal =
  | ({ kind: 'events' } & WatchBatch)
  | { kind: 'interrupted'; cause: OrbweaverError }
  | { kind: 'resumed'; revision: bigint };

export interface WatchOptions {
  /** The first revision that is of interest. */
  fromRevision: bigint;
  prevKv?: boolean;
  signal: AbortSignal;
}

/**
 * Watches one target until the signal fires: every event from `fromRevision` on, once, in order, whole
 * revisions at a time. A lost stream is opened again where the last whole revision ended.
 *
 * Nothing is buffered beyond what the stream itself holds back: a slow reader makes etcd wait, on this stream
 * only, and if it is slower than etcd's compaction it gets COMPACTED, as it does when it was away too long.
 */
export async function* watchSignals(
  connections: Connections,
  target: Target,
  { fromRevision, prevKv = false, signal }: WatchOptions,
): AsyncGenerator<WatchSignal, void, undefined> {
  const backoff = new Backoff();
  let next = fromRevision;
  let interrupted = false;
  let refused = 0;
  while (!signal.aborted) {
    try {
      for await (const response of responses(connections, target, next, prevKv, signal)) {
        if (response.created) {
          backoff.reset();
          refused = 0;
          if (interrupted) yield { kind: 'resumed', revision: next - 1n };
          interrupted = false;
        } else if (response.events.length > 0) {
          const revision = response.events.at(-1)!.kv.modRevision;
          next = revision + 1n;
          yield { kind: 'events', revision, events: response.events };
        } else if (response.revision >= next) {
          next = response.revision + 1n; // progress: there is nothing up to here
        }
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      const cause = translate(error, `watch of ${JSON.stringify(target)}`);
      if (/PERMISSION_DENIED|UNAUTHENTICATED/.test(cause.code) && refused++ === 0) {
        // It may be the token that etcd has forgotten: some versions say this, some that.
        connections.forgetToken();
        continue;
      }
      if (cause.code !== 'ETCD_UNAVAILABLE') throw cause;
      if (!interrupted) yield { kind: 'interrupted', cause };
      interrupted = true;
      await backoff.wait(signal);
    }
  }
}

/** One stream's responses with fragments joined. Ends without an error only when the signal has fired. */
async function* responses(
  connections: Connections,
  target: Target,
  fromRevision: bigint,
  prevKv: boolean,
  signal: AbortSignal,
): AsyncGenerator<WatchResponse, void, undefined> {
  const stream = await connections.stream(WATCH);
  const cancel = (): void => stream.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const creation = giveUpAfter(connections.requestTimeoutMs, stream);
  let events: WatchEvent[] = [];
  try {
    if (signal.aborted) return;
    stream.write(encodeWatchCreate(target, fromRevision, prevKv));
    for await (const response of stream as AsyncIterable<WatchResponse>) {
      if (response.canceled) throw cancellation(response, fromRevision);
      if (response.created) clearTimeout(creation);
      if (response.fragment) {
        events = events.concat(response.events);
        continue;
      }
      yield events.length === 0 ? response : { ...response, events: events.concat(response.events) };
      events = [];
    }
    if (!signal.aborted) throw new OrbweaverError('ETCD_UNAVAILABLE', 'etcd: the watch stream has ended');
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  } finally {
    clearTimeout(creation);
    signal.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

function giveUpAfter(timeoutMs: number, stream: Stream<unknown>): NodeJS.Timeout {
  return setTimeout(() => {
    const silence = new OrbweaverError(
      'ETCD_UNAVAILABLE',
      `etcd: the watch did not begin in ${timeoutMs} ms`,
    );
    stream.blame(silence);
    stream.destroy(silence);
  }, timeoutMs);
}

function cancellation(response: WatchResponse, fromRevision: bigint): OrbweaverError {
  if (response.compactRevision === 0n) return translateCancellation(response.cancelReason, WATCH.name);
  return new OrbweaverError(
    'COMPACTED',
    `etcd: watch from revision ${fromRevision}: compacted up to ${response.compactRevision}`,
  );
}

import { useEffect, useSyncExternalStore } from 'react';
import { Feed, type FeedSource, type FeedValue } from './feed';

/** Page changes and React's strict mode let go of a stream that they take up again at once. */
const KEEP_MS = 50;

interface Shared {
  feed: Feed<unknown, unknown>;
  userCount: number;
  closing: number;
}

const feeds = new Map<string, Shared>();

/** The state of a stream, one connection for all who use the same key. Without a key: nothing, and no stream. */
export function useFeed<State, Message>(
  key: string | undefined,
  source: FeedSource<State, Message>,
): FeedValue<State> {
  const shared = key === undefined ? undefined : sharedFeed(key, source as FeedSource<unknown, unknown>);
  useEffect(() => {
    if (key === undefined) return undefined;
    const used = sharedFeed(key, source as FeedSource<unknown, unknown>);
    used.userCount++;
    clearTimeout(used.closing);
    return () => {
      used.userCount--;
      closeUnused(key, used);
    };
    // The key stands for its source.
  }, [key]);
  return useSyncExternalStore(
    shared?.feed.subscribe ?? nothingToHear,
    shared?.feed.current ?? nothing,
  ) as FeedValue<State>;
}

/** The newest message of a stream. */
export function useLatest<Message>(url: string | undefined): FeedValue<Message> {
  return useFeed<Message, Message>(url, { url: () => url ?? '', next: (_, message) => message });
}

function sharedFeed(key: string, source: FeedSource<unknown, unknown>): Shared {
  const known = feeds.get(key);
  if (known !== undefined) return known;
  const made: Shared = { feed: new Feed(source), userCount: 0, closing: 0 };
  feeds.set(key, made);
  closeUnused(key, made);
  return made;
}

function closeUnused(key: string, shared: Shared): void {
  clearTimeout(shared.closing);
  shared.closing = window.setTimeout(() => {
    if (shared.userCount > 0) return;
    shared.feed.stop();
    feeds.delete(key);
  }, KEEP_MS);
}

const NOTHING: FeedValue<unknown> = { data: undefined, error: undefined };
const nothing = (): FeedValue<unknown> => NOTHING;
const nothingToHear = (): (() => void) => () => undefined;

import { useFeed } from '../live/use-feed';
import type { ClusterEvent } from './client';

/** As many as a master remembers. */
const MAX_EVENTS = 1_000;

/** What happened to the cluster, newest first, as this page's master saw it; undefined until it has told something. */
export function useEvents(): readonly ClusterEvent[] | undefined {
  return useFeed<readonly ClusterEvent[], ClusterEvent>('/crawler/event', {
    url: () => '/crawler/event',
    // Another master may answer the next time, and tells what it has seen from the first.
    next: (known = [], event, isFirst) => [event, ...(isFirst ? [] : known)].slice(0, MAX_EVENTS),
  }).data;
}

import { useThrottledValue } from '@mantine/hooks';
import { useMemo, useRef } from 'react';
import type { ListResourcesResponse, Resource, StateCount } from '../api/client';
import { useLatest } from '../live/use-feed';
import { asParams, type Filter } from './filter';

/** Windows begin at its multiples, so that many consoles look at the same ones. */
const STEP = 50;
/** How often the window follows what is scrolled to. */
const FOLLOW_MS = 120;
/** Rows that are remembered while others are looked at: shown at once when they are scrolled back to. */
const MAX_KNOWN = 2_000;

export interface TaskWindow {
  /** Undefined until a master has answered. */
  total: number | undefined;
  /** Of those that match but for the states. */
  counts: readonly StateCount[];
  /** Undefined while it is on its way. */
  at(index: number): Resource | undefined;
  /** What the master refuses. */
  error: Error | undefined;
}

/** The rows from `first` to `last` of a list that may be far longer, kept up to date; and how long it is. */
export function useTaskWindow(filter: Filter, first: number, last: number): TaskWindow {
  const query = asParams(filter).toString();
  const [offset, end] = useThrottledValue(
    `${Math.floor(first / STEP) * STEP} ${Math.ceil((last + 1) / STEP) * STEP}`,
    FOLLOW_MS,
  )
    .split(' ')
    .map(Number) as [number, number];
  const { data, error } = useLatest<ListResourcesResponse>(
    `/crawler/resources/watch?${query}&status=true&offset=${offset}&pageSize=${end - offset}`,
  );
  const known = useRef({ query, list: emptyList() });
  return useMemo(() => {
    if (known.current.query !== query) {
      // Until the new question is answered the old figures stand, but no row.
      known.current = { query, list: { ...known.current.list, rows: new Map() } };
    }
    const { list } = known.current;
    if (data !== undefined) remember(list, data, offset);
    return { total: list.total, counts: list.counts, at: (index) => list.rows.get(index), error };
  }, [query, data, error, offset]);
}

interface KnownList {
  rows: Map<number, Resource>;
  total: number | undefined;
  counts: readonly StateCount[];
}

function emptyList(): KnownList {
  return { rows: new Map(), total: undefined, counts: [] };
}

function remember(list: KnownList, answer: ListResourcesResponse, offset: number): void {
  const { resources = [], total = 0, counts = [] } = answer;
  if (list.rows.size > MAX_KNOWN) list.rows.clear();
  for (const [index, resource] of resources.entries()) list.rows.set(offset + index, resource);
  list.total = total;
  list.counts = counts;
}

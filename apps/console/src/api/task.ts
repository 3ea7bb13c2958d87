import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useFeed, useLatest } from '../live/use-feed';
import { useRefresh } from '../live/use-refresh';
import { answered, api, type LogLine, type LogLines, type Resource, type SpecVersion } from './client';

const PAGE_SIZE = 200;
/** Lines of a log that the page holds; and of those that are kept already, how many it begins with. */
const MAX_LINES = 10_000;
const FIRST_LINES = 2_000;

/** The task as it is now. */
export function useTask(name: string) {
  return useLatest<Resource>(`/crawler/resource/${encodeURIComponent(name)}/watch`);
}

/** Why it is as it is; asked again when `task` has changed. */
export function useExplanation(name: string, task: Resource) {
  const queryKey = ['explanation', name];
  useRefresh(queryKey, task, 1_000);
  return useQuery({
    queryKey,
    queryFn: () => answered(api.GET('/crawler/resource/{name}/explain', { params: { path: { name } } })),
  });
}

export function useHistory(name: string, { task }: Resource) {
  const queryKey = ['history', name];
  useRefresh(queryKey, `${task?.pagesDone} ${task?.pagesFailed}`, 10_000);
  return useQuery({
    queryKey,
    queryFn: () => answered(api.GET('/crawler/resource/{name}/history', { params: { path: { name } } })),
  });
}

export function useHosts(name: string, task: Resource) {
  const queryKey = ['hosts', name];
  useRefresh(queryKey, task, 1_000);
  return useQuery({
    queryKey,
    queryFn: () => answered(api.GET('/crawler/resource/{name}/hosts', { params: { path: { name } } })),
  });
}

/** What it crawled before, the latest first; asked again when it crawls something else. */
export function useSpecs(name: string, spec: unknown) {
  const queryKey = ['specs', name];
  useRefresh(queryKey, JSON.stringify(spec), 0);
  return useQuery({
    queryKey,
    queryFn: async (): Promise<readonly SpecVersion[]> =>
      (await answered(api.GET('/crawler/resource/{name}/specs', { params: { path: { name } } }))).specs ?? [],
  });
}

export function usePages(name: string, failed: boolean, { task }: Resource) {
  const queryKey = ['pages', name, failed];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      answered(
        api.GET('/crawler/resource/{name}/pages', {
          params: { path: { name }, query: { pageSize: PAGE_SIZE, pageToken: pageParam, failed } },
        }),
      ),
    getNextPageParam: nextPage,
  });
  useRefresh(queryKey, `${task?.pagesDone} ${task?.pagesFailed} ${task?.run}`, refreshMs(query));
  return query;
}

/** Those that contain the text; until they are there, what was shown before. */
export function useItems(name: string, contains: string, { task }: Resource) {
  const queryKey = ['items', name, contains];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      answered(
        api.GET('/crawler/resource/{name}/items/page', {
          params: { path: { name }, query: { pageSize: PAGE_SIZE, pageToken: pageParam, contains } },
          signal,
        }),
      ),
    getNextPageParam: nextPage,
    placeholderData: (before, query) => (query?.queryKey[1] === name ? before : undefined),
  });
  // A search may look at every item.
  useRefresh(queryKey, `${task?.items} ${task?.run}`, refreshMs(query, contains === '' ? 2_000 : 10_000));
  return query;
}

function nextPage({ nextPageToken = '' }: { nextPageToken?: string }): string | undefined {
  return nextPageToken === '' ? undefined : nextPageToken;
}

/** Every page that was loaded is asked for again: the more there are, the slower. */
function refreshMs({ data }: { data: { pages: unknown[] } | undefined }, pageMs = 2_000): number {
  return pageMs * Math.max(1, data?.pages.length ?? 1);
}

/** What the task has said and says: goes on after the last line that is known, whatever breaks in between. */
export function useLog(name: string) {
  const path = `/crawler/resource/${encodeURIComponent(name)}/log?follow=true`;
  return useFeed<readonly LogLine[], LogLines>(path, {
    url: (known) => {
      const last = known?.at(-1)?.number;
      return last === undefined ? `${path}&tail=${FIRST_LINES}` : `${path}&after=${last}`;
    },
    next: (known = [], { lines = [] }) => {
      const last = BigInt(known.at(-1)?.number ?? 0);
      const fresh = lines.filter(({ number = 0 }) => BigInt(number) > last);
      return [...known, ...fresh].slice(-MAX_LINES);
    },
  });
}

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answered, api, type Control } from './client';

const PAGE_SIZE = 200;

/** Tasks in the order of their names, with their states, page by page. */
export function useTasks(query: { prefix: string; nodeId: string }) {
  return useInfiniteQuery({
    queryKey: ['tasks', query],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      answered(
        api.GET('/crawler/resource', {
          params: { query: { ...query, pageSize: PAGE_SIZE, pageToken: pageParam, status: true } },
        }),
      ),
    getNextPageParam: ({ nextPageToken = '' }) => (nextPageToken === '' ? undefined : nextPageToken),
    placeholderData: keepPreviousData,
    // Every page that was loaded is asked for again: the more there are, the slower.
    refetchInterval: ({ state }) => 2_000 * Math.max(1, state.data?.pages.length ?? 1),
  });
}

export function useTask(name: string) {
  return useQuery({
    queryKey: ['task', name],
    queryFn: () => answered(api.GET('/crawler/resource/{name}', { params: { path: { name } } })),
  });
}

export function useExplanation(name: string) {
  return useQuery({
    queryKey: ['explanation', name],
    queryFn: () => answered(api.GET('/crawler/resource/{name}/explain', { params: { path: { name } } })),
  });
}

export function usePages(name: string, failed: boolean) {
  return useInfiniteQuery({
    queryKey: ['pages', name, failed],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      answered(
        api.GET('/crawler/resource/{name}/pages', {
          params: { path: { name }, query: { pageSize: PAGE_SIZE, pageToken: pageParam, failed } },
        }),
      ),
    getNextPageParam: ({ nextPageToken = '' }) => (nextPageToken === '' ? undefined : nextPageToken),
  });
}

export function useAddTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, spec }: { name: string; spec: Record<string, never> }) =>
      answered(api.POST('/crawler/resource', { body: { name, spec } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tasks'] }),
  });
}

export function useItems(name: string) {
  return useInfiniteQuery({
    queryKey: ['items', name],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      answered(
        api.GET('/crawler/resource/{name}/items/page', {
          params: { path: { name }, query: { pageSize: PAGE_SIZE, pageToken: pageParam } },
        }),
      ),
    getNextPageParam: ({ nextPageToken = '' }) => (nextPageToken === '' ? undefined : nextPageToken),
  });
}

export type Act =
  | { verb: 'pause' | 'resume' | 'delete' }
  | { verb: 'restart'; fromScratch: boolean; expected: Control | undefined }
  | { verb: 'retry'; expected: Control | undefined };

export function useControls(name: string) {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (act: Act) => perform(name, act),
    onSettled: () => queries.invalidateQueries(),
  });
  return { act: mutate, isPending };
}

function perform(name: string, act: Act): Promise<unknown> {
  const params = { path: { name } };
  switch (act.verb) {
    case 'pause':
      return answered(api.POST('/crawler/resource/{name}/pause', { params }));
    case 'resume':
      return answered(api.POST('/crawler/resource/{name}/resume', { params }));
    case 'restart':
      return answered(
        api.POST('/crawler/resource/{name}/restart', {
          params,
          body: { fromScratch: act.fromScratch, ...expecting(act.expected) },
        }),
      );
    case 'retry':
      return answered(api.POST('/crawler/resource/{name}/retry', { params, body: expecting(act.expected) }));
    case 'delete':
    default:
      return answered(api.DELETE('/crawler/resource', { body: { name } }));
  }
}

/** Makes the call safe to repeat: it does nothing to a task that was changed since it was looked at. */
function expecting(expected: Control | undefined): { expected?: Control } {
  return expected === undefined ? {} : { expected };
}

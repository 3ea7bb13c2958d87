import { useSearchParams } from 'wouter';

/** Which tasks are looked at, and in which order. It stands in the page's address, and stays from page to page. */
export interface Filter {
  query: string;
  states: readonly string[];
  nodeId: string;
  /** As the API has it: a column, with a `-` before it the other way round. */
  sort: string;
}

const NONE: Filter = { query: '', states: [], nodeId: '', sort: 'name' };

export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [params, setParams] = useSearchParams();
  const filter: Filter = {
    query: params.get('query') ?? NONE.query,
    states: params.getAll('states'),
    nodeId: params.get('nodeId') ?? NONE.nodeId,
    sort: params.get('sort') ?? NONE.sort,
  };
  const change = (changed: Partial<Filter>): void =>
    setParams(asParams({ ...filter, ...changed }), { replace: true });
  return [filter, change];
}

export function asParams({ query, states, nodeId, sort }: Filter): URLSearchParams {
  const params = new URLSearchParams(states.map((state) => ['states', state]));
  if (query !== '') params.set('query', query);
  if (nodeId !== '') params.set('nodeId', nodeId);
  if (sort !== NONE.sort) params.set('sort', sort);
  return params;
}

export function isFiltered({ query, states, nodeId }: Filter): boolean {
  return query !== '' || states.length > 0 || nodeId !== '';
}

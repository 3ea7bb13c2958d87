import { useMutation } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { answered, api } from '../api/client';
import type { Filter } from './filter';

/** That are chosen at a time with one click. */
export const MOST_SELECTED = 1_000;

export interface Selection {
  readonly names: ReadonlySet<string>;
  toggle: (name: string) => void;
  clear: () => void;
  /** All that match, in the order they are shown, up to MOST_SELECTED. */
  selectAll: () => void;
  /** Why not. */
  readonly error: Error | null;
}

/** Tasks that a person has chosen, to do something with them. They stay chosen while others are looked at. */
export function useSelection({ query, states, nodeId, sort }: Filter): Selection {
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const { mutate, error } = useMutation({
    mutationFn: () => {
      const matching = { query, states: [...states], nodeId, sort, pageSize: MOST_SELECTED };
      return answered(api.GET('/crawler/resource', { params: { query: matching } }));
    },
    onSuccess: ({ resources = [] }) => setNames(new Set(resources.map(({ name = '' }) => name))),
  });
  return {
    names,
    toggle: useCallback((name) => setNames((chosen) => toggled(chosen, name)), []),
    clear: () => setNames(new Set()),
    selectAll: () => mutate(),
    error,
  };
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const others = new Set(names);
  if (!others.delete(name)) others.add(name);
  return others;
}

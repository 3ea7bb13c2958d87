import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/** Has a query asked again when what its answer hangs on has changed, at most every `everyMs`. */
export function useRefresh(queryKey: readonly unknown[], hangsOn: unknown, everyMs: number): void {
  const queries = useQueryClient();
  const seen = useRef(hangsOn);
  const refreshedAt = useRef(0);
  useEffect(() => {
    if (Object.is(seen.current, hangsOn)) return undefined;
    const refresh = (): void => {
      seen.current = hangsOn;
      refreshedAt.current = performance.now();
      void queries.invalidateQueries({ queryKey });
    };
    const timer = setTimeout(refresh, refreshedAt.current + everyMs - performance.now());
    return () => clearTimeout(timer);
    // Keys are made anew at each render; what they say stays.
  }, [queries, JSON.stringify(queryKey), hangsOn, everyMs]);
}
